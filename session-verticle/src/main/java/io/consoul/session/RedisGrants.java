package io.consoul.session;

import static io.consoul.session.RedisSteps.says;

import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.session.SessionStore.Begun;
import io.consoul.session.SessionStore.Known;
import io.consoul.session.SessionStore.Lease;
import io.consoul.session.SessionStore.Standing;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.random.RandomGenerator;

/** Lets turns begin in Redis, and puts together what goes to the model. Confined to one event loop. */
final class RedisGrants {

  private final SessionConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final NewSessions newSessions;
  private final RedisSteps steps;
  private final SessionCopies copies;
  private final RedisTidings tidings;
  private final RedisSettlement settlement;
  private final KnownReplies known;

  RedisGrants(
      SessionConfig config,
      InstantSource clock,
      RandomGenerator random,
      RedisSteps steps,
      SessionCopies copies,
      RedisTidings tidings,
      RedisSettlement settlement,
      KnownReplies known) {
    this.config = config;
    this.clock = clock;
    this.random = random;
    this.newSessions = new NewSessions(config, clock);
    this.steps = steps;
    this.copies = copies;
    this.tidings = tidings;
    this.settlement = settlement;
    this.known = known;
  }

  /** Takes the lease, where the turn is not known and the session is free. */
  Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox) {
    SessionName name = SessionName.of(turn);
    MemorySession.Origin origin = newSessions.originOf(turn);
    String token = Leases.token(random);
    String newSession = Leases.token(random);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    SessionCopies.AtHand atHand = copies.of(name);
    return settlement
        .settled(
            name,
            () -> steps.run(
                SessionScript.BEGIN,
                name,
                turn.turn(),
                token,
                config.lease().toMillis(),
                config.ttl().toMillis(),
                providerInbox,
                request(turn),
                message(turn, tokens, now),
                keyHash(turn),
                fingerprint(turn),
                batch(turn),
                isLast(turn),
                tidings.ownInbox(),
                atHand.token(),
                atHand.turns(),
                atHand.newest(),
                atHand.fence(),
                config.maxHistoryTokens(),
                now.toEpochMilli(),
                origin.model(),
                origin.settings().toJson().encode(),
                origin.promptTokens(),
                newSession,
                origin.owner()))
        .compose(reply -> {
          if (says(reply, "changed")) {
            return copies.missed(name, atHand).compose(known -> begin(turn, tokens, providerInbox));
          }
          if (says(reply, "granted")) {
            Lease lease = new Lease(reply.get(1).toLong(), token);
            return Future.succeededFuture(
                granted(turn, tokens, providerInbox, lease, now, atHand, reply));
          }
          return Future.succeededFuture(
              says(reply, "busy") ? busy(reply.get(1).toLong()) : known(turn, reply));
        });
  }

  Future<Standing> standing(BeginTurn turn) {
    return settlement
        .settled(
            SessionName.of(turn),
            () -> steps.run(
                SessionScript.STANDING,
                SessionName.of(turn),
                turn.turn(),
                keyHash(turn),
                fingerprint(turn),
                batch(turn),
                isLast(turn)))
        .map(reply -> switch (reply.get(0).toString()) {
          case "next" -> new Standing.Next();
          case "order" -> new Standing.InOrder();
          default -> known(turn, reply);
        });
  }

  /** What a turn beside its session gets; nothing changes. */
  Future<Begun.Granted> beside(BeginTurn turn, int tokens) {
    SessionName name = SessionName.of(turn);
    SessionCopies.AtHand atHand = copies.of(name);
    return settlement
        .settled(
            name,
            () -> steps.run(
                SessionScript.SNAPSHOT,
                name,
                atHand.token(),
                atHand.turns(),
                atHand.newest(),
                atHand.fence(),
                config.maxHistoryTokens()))
        .compose(reply -> {
          StoredHistory history = says(reply, "none") ? null : StoredHistory.of(reply, 2);
          if (copies.misses(atHand, history)) {
            return copies.missed(name, atHand).compose(known -> beside(turn, tokens));
          }
          Lease fenceOnly = new Lease(reply.get(1).toLong(), null);
          MemorySession session;
          if (history == null) {
            session = newSessions.madeBy(turn);
          } else {
            session = copies.completed(name, atHand, history);
            copies.seen(session, history.token());
          }
          return Future.succeededFuture(
              Grants.granted(session, turn, fenceOnly, prompt(session, turn, tokens)));
        });
  }

  private Begun granted(
      BeginTurn turn,
      int tokens,
      String providerInbox,
      Lease lease,
      Instant begun,
      SessionCopies.AtHand atHand,
      Response reply) {
    SessionName name = SessionName.of(turn);
    StoredHistory history = StoredHistory.of(reply, 4);
    MemorySession session = copies.completed(name, atHand, history);
    Grants.warnOfOtherModel(session, turn);
    Transcript.Prompt prompt = prompt(session, turn, tokens);
    PendingTurn pending = new PendingTurn(turn, tokens, prompt.tokens(), begun);
    pending.hold(lease, providerInbox, clock.instant().plus(config.lease()));
    copies.begun(session, history.token(), pending);
    tidings.begun(name, history, reply.get(2).toLong(), reply.get(3).toString());
    return Grants.granted(session, turn, lease, prompt);
  }

  private Transcript.Prompt prompt(MemorySession session, BeginTurn turn, int tokens) {
    return session.prompt(ChatMessage.user(turn.text()), tokens, config.maxHistoryTokens());
  }

  private static Begun busy(long millis) {
    return new Begun.Busy(millis < 0 ? null : Duration.ofMillis(millis));
  }

  /** Of a step that has found the turn, or the one with its key. */
  private Known known(BeginTurn turn, Response reply) {
    return known
        .read(SessionName.of(turn), reply, 0, 0, turn.listener().window())
        .orElseThrow();
  }

  /** Without what must not be kept, and without what the message has. */
  private static String request(BeginTurn turn) {
    JsonObject request = turn.under(null).toJson();
    request.remove("text");
    return request.encode();
  }

  private static String message(BeginTurn turn, int tokens, Instant now) {
    ChatMessage message = ChatMessage.user(turn.text());
    return StoredMessage.user(
            turn.turn(), message, tokens, now, IdempotencyKeys.KeyUse.ofNullable(turn))
        .encoded();
  }

  private static String keyHash(BeginTurn turn) {
    return turn.key() == null ? "" : IdempotencyKeys.hash(turn);
  }

  private static String fingerprint(BeginTurn turn) {
    return turn.key() == null ? "" : IdempotencyKeys.fingerprint(turn);
  }

  private static String batch(BeginTurn turn) {
    return turn.batch() == null ? "" : turn.batch().id();
  }

  private static String isLast(BeginTurn turn) {
    return turn.batch() != null && turn.batch().last() ? "1" : "";
  }
}
