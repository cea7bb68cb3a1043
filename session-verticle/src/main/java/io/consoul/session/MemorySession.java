package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.Owner;
import io.consoul.message.SealTurn;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionRequest;
import io.consoul.message.Settings;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** One conversation in memory. Confined to one event loop. */
final class MemorySession {

  /**
   * What a session is made with.
   *
   * @param owner in whose list it is, or null for the tenant's
   * @param promptTokens of the settings' system prompt, which goes to the model with every turn
   */
  record Origin(
      Tenant tenant,
      SessionId session,
      Owner owner,
      String model,
      Settings settings,
      int promptTokens,
      Map<String, String> metadata) {

    String sessionKey() {
      return SessionRequest.sessionKey(tenant, session);
    }

    JsonObject toJson() {
      JsonObject notes = new JsonObject();
      metadata.forEach(notes::put);
      return new JsonObject()
          .put("tenant", tenant.name())
          .put("session", session.value())
          .put("owner", owner == null ? null : owner.name())
          .put("model", model)
          .put("settings", settings.toJson())
          .put("prompt_tokens", promptTokens)
          .put("metadata", notes);
    }

    static Origin fromJson(JsonObject json) {
      Map<String, String> notes = new HashMap<>();
      json.getJsonObject("metadata")
          .forEach(entry -> notes.put(entry.getKey(), (String) entry.getValue()));
      String owner = json.getString("owner");
      return new Origin(
          new Tenant(json.getString("tenant")),
          new SessionId(json.getString("session")),
          owner == null ? null : new Owner(owner),
          json.getString("model"),
          Settings.fromJson(json.getJsonObject("settings")),
          json.getInteger("prompt_tokens"),
          Map.copyOf(notes));
    }
  }

  private final Origin origin;
  private final Instant created;
  private final Transcript transcript;
  private final IdempotencyKeys keys = new IdempotencyKeys();
  private String model;
  private PendingTurn pending;
  private Instant updated;
  private Instant expires;
  private boolean kept;

  /** How many of its turns the store has that it is a copy of; less than 0 where that does not know the session. */
  private int stored = -1;

  private boolean partial;

  MemorySession(Origin origin, Instant created) {
    this(origin, created, new Transcript());
  }

  /** @param transcript what is stored of it, or the newest part of that */
  MemorySession(Origin origin, Instant created, Transcript transcript) {
    this.origin = origin;
    this.transcript = transcript;
    this.model = origin.model();
    this.created = created;
    this.updated = created;
    this.expires = created;
  }

  String key() {
    return SessionRequest.sessionKey(origin.tenant(), origin.session());
  }

  Tenant tenant() {
    return origin.tenant();
  }

  SessionId id() {
    return origin.session();
  }

  /** Which list it is in. */
  ListName list() {
    return new ListName(origin.tenant(), origin.owner());
  }

  ListPosition position() {
    return new ListPosition(created.toEpochMilli(), origin.session().value());
  }

  String model() {
    return model;
  }

  /** Whether this name, with its provider or without, means the session's model. */
  boolean isAnsweredBy(String name) {
    return name.equals(model) || model != null && model.endsWith("/" + name);
  }

  Settings settings() {
    return origin.settings();
  }

  PendingTurn pending() {
    return pending;
  }

  Transcript transcript() {
    return transcript;
  }

  /** When it is forgotten, if it has no turn in progress then. */
  Instant expires() {
    return expires;
  }

  boolean isExpired(Instant now) {
    return pending == null && !expires.isAfter(now);
  }

  /** Whether it has a turn whose provider has not renewed the lease. */
  boolean hasLapsed(Instant now) {
    return pending != null && pending.isLapsed(now);
  }

  /** Whether it stays also when its turn leaves no trace: it was made for its own sake, or has a turn stored. */
  boolean isKept() {
    return kept;
  }

  /** @return whether it was not kept before */
  boolean keep() {
    boolean first = !kept;
    kept = true;
    return first;
  }

  /** It is a copy: the store has so many of its turns. */
  void stored(int turns) {
    stored = turns;
  }

  /** Whether the store that it is a copy of knew it when it was copied. */
  boolean isKnownToStore() {
    return stored >= 0;
  }

  /** The first turn that the store does not have. */
  int unmerged() {
    return Math.max(0, stored);
  }

  /** Whether it has something to stay that the store that it is a copy of does not have. */
  boolean isUnmerged() {
    return kept && stored < transcript.turns();
  }

  /** Whether the store may have more of it that is not at hand, and not even counted. */
  boolean isPartial() {
    return partial;
  }

  void markPartial() {
    partial = true;
  }

  /** The highest that any turn of it had; 0 where there is none. */
  long fence() {
    return Math.max(transcript.fence(), pending == null ? 0 : pending.fence());
  }

  void keepUntil(Instant instant) {
    expires = instant;
  }

  /** A copy of what a store holds is as it is there. */
  void follow(String newModel, Instant newUpdated, Instant newExpires) {
    model = newModel;
    updated = newUpdated;
    expires = newExpires;
  }

  /**
   * What is known of this turn, or of the one that was begun under its key.
   *
   * @throws io.consoul.fault.FaultException E003 when the key was used for something else
   */
  Optional<SessionStore.Known> known(BeginTurn begin) {
    int window = begin.listener().window();
    return known(begin.turn(), 0, 0, window)
        .or(() ->
            Optional.ofNullable(keys.firstOf(begin)).flatMap(first -> known(first, 0, 0, window)));
  }

  /** @param seen how many of the answer's cuts the asker has seen, who has it up to {@code after} */
  Optional<SessionStore.Known> known(TurnId turn, int after, int seen, int window) {
    if (transcript.sealed(turn) != null) {
      return Optional.of(
          new SessionStore.Known.Ended(transcript.replay(turn, after, seen, window)));
    }
    return running().filter(running -> running.turn().equals(turn)).map(running -> running);
  }

  Optional<SessionStore.Known.Pending> running() {
    return Optional.ofNullable(pending).map(PendingTurn::known);
  }

  /** What goes to the model with this message. */
  Transcript.Prompt prompt(ChatMessage message, int tokens, int maxTokens) {
    return transcript.prompt(message, (long) origin.promptTokens() + tokens, maxTokens);
  }

  void begin(PendingTurn turn) {
    pending = turn;
    keys.add(turn.use(), turn.begin().turn());
  }

  /** Nothing of the turn is left. */
  void abort() {
    keys.free(pending.begin().turn());
    pending = null;
  }

  SealedTurn seal(SealTurn seal, Instant now) {
    if (model == null) {
      model = routeOf(seal);
    }
    return append(
        StoredMessage.answer(seal, now),
        new SealedTurn(
            transcript.nextAnswer(),
            pending.fence(),
            seal.text().length(),
            seal.provider(),
            seal.rescues(),
            cutsOf(seal),
            now,
            millisUntil(now),
            seal.failure(),
            seal.token()));
  }

  /**
   * Ends the turn with what was journalled, without its provider.
   *
   * @param fence higher than its provider's: who followed the turn may have seen more than the journal holds
   */
  void settle(FinishReason reason, Failed failure, long fence, Instant now) {
    String said = pending.said();
    int tokens = MessageTokens.estimate(said);
    Usage usage = new Usage(pending.promptTokens(), tokens, 0, true);
    append(
        new StoredMessage(
            ChatMessage.assistant(said), pending.begin().turn(), now, tokens, model, usage, reason),
        new SealedTurn(
            transcript.nextAnswer(),
            fence,
            said.length(),
            null,
            0,
            pending.cuts(),
            now,
            millisUntil(now),
            failure,
            null));
  }

  /** As below; empty where it is not stored or not at hand. */
  Optional<AcknowledgedTurn> acknowledged(TurnId turn) {
    return Optional.ofNullable(transcript.sealed(turn))
        .map(known -> acknowledged(known.answer() / 2));
  }

  /** All turns from this one on, of those that are at hand. */
  List<AcknowledgedTurn> acknowledgedFrom(int turn) {
    return IntStream.range(Math.max(turn, transcript.skippedTurns()), transcript.turns())
        .mapToObj(this::acknowledged)
        .toList();
  }

  /** A turn that is at hand, with all that it takes to store it elsewhere. */
  AcknowledgedTurn acknowledged(int turn) {
    Transcript.Turn stored = transcript.turn(turn);
    return new AcknowledgedTurn(
        origin(),
        created,
        partial,
        stored.user(),
        stored.answer(),
        stored.sealed(),
        keys.of(stored.answer().turn()));
  }

  /** Takes in a turn that is stored in Redis, with the key under which it was begun. */
  void add(StoredHistory.Turn turn) {
    transcript.append(turn.user(), turn.answer(), turn.sealed());
    keys.add(turn.user().use(), turn.user().turn());
  }

  /** Takes in a turn that was stored elsewhere. */
  void add(AcknowledgedTurn turn) {
    if (model == null) {
      model = turn.origin().model();
    }
    transcript.append(turn.user(), turn.answer(), turn.sealed().at(transcript.nextAnswer()));
    keys.add(turn.use(), turn.id());
    partial |= turn.partial();
    updated = turn.sealed().timestamp();
    kept = true;
  }

  /** What it would be made with. */
  Origin origin() {
    return new Origin(
        origin.tenant(),
        origin.session(),
        origin.owner(),
        model,
        origin.settings(),
        origin.promptTokens(),
        origin.metadata());
  }

  Instant created() {
    return created;
  }

  SessionInfo info() {
    return info(origin.settings(), origin.metadata());
  }

  /** Without what may be long. */
  SessionInfo summary() {
    return info(Settings.NONE, Map.of());
  }

  private SessionInfo info(Settings settings, Map<String, String> metadata) {
    return new SessionInfo(
        origin.session(),
        model,
        created,
        updated,
        expires,
        transcript.turns(),
        transcript.usage(),
        settings,
        metadata,
        pending == null ? null : pending.begin().turn());
  }

  /** A holder that was not told of the cuts before it knows fewer than there are. */
  private Cuts cutsOf(SealTurn seal) {
    return seal.cuts().count() < pending.cuts().count() ? pending.cuts() : seal.cuts();
  }

  /** With its provider: the bare name might find another one when the configuration has changed. */
  static String routeOf(SealTurn seal) {
    return seal.model() == null || seal.provider() == null
        ? seal.model()
        : seal.provider() + "/" + seal.model();
  }

  private SealedTurn append(StoredMessage answer, SealedTurn turn) {
    transcript.append(StoredMessage.user(pending), answer, turn);
    updated = turn.timestamp();
    pending = null;
    return turn;
  }

  private long millisUntil(Instant now) {
    return Math.max(0, Duration.between(pending.begun(), now).toMillis());
  }

  /** The whole session, for another process. */
  JsonObject toJson() {
    return origin()
        .toJson()
        .put("created", created)
        .put("updated", updated)
        .put("expires", expires)
        .put("kept", kept)
        .put("stored", stored)
        .put("partial", partial)
        .put("transcript", transcript.toJson())
        .put("keys", keys.toJson())
        .put("pending", pending == null ? null : pending.toJson());
  }

  static MemorySession fromJson(JsonObject json) {
    MemorySession session = new MemorySession(
        Origin.fromJson(json),
        json.getInstant("created"),
        Transcript.fromJson(json.getJsonObject("transcript")));
    session.updated = json.getInstant("updated");
    session.expires = json.getInstant("expires");
    session.kept = json.getBoolean("kept");
    session.stored = json.getInteger("stored", -1);
    session.partial = json.getBoolean("partial", false);
    session.keys.addAll(json.getJsonObject("keys"));
    JsonObject pending = json.getJsonObject("pending");
    session.pending = pending == null ? null : PendingTurn.fromJson(pending);
    return session;
  }
}
