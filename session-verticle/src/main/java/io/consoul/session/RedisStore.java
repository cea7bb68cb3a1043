package io.consoul.session;

import static io.consoul.session.RedisSteps.says;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.EndBatch;
import io.consoul.message.Listener;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionRequest;
import io.consoul.message.Swept;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Sessions in Redis, where every instance of every node sees the same. Each step is one script, so one round trip, and what
 * decides in it is Redis's clock. The sessions that were used last are at hand here, so that a turn costs the same however
 * long its session is. Confined to one event loop.
 */
final class RedisStore implements SessionStore {

  private final SessionConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final NewSessions newSessions;
  private final RedisSteps steps;
  private final SessionCopies copies;
  private final RedisTidings tidings;
  private final RedisSettlement settlement;
  private final Sweeper sweeper;
  private final KnownReplies known = new KnownReplies();

  RedisStore(
      SessionConfig config,
      InstantSource clock,
      RandomGenerator random,
      RedisSteps steps,
      SessionCopies copies,
      RedisTidings tidings,
      RedisSettlement settlement,
      Sweeper sweeper) {
    this.config = config;
    this.clock = clock;
    this.random = random;
    this.newSessions = new NewSessions(config, clock);
    this.steps = steps;
    this.copies = copies;
    this.tidings = tidings;
    this.settlement = settlement;
    this.sweeper = sweeper;
  }

  @Override
  public Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox) {
    SessionName name = SessionName.of(turn);
    MemorySession.Origin origin = newSessions.originOf(turn);
    String token = Leases.token(random);
    String newSession = Leases.token(random);
    Instant now = now();
    SessionCopies.AtHand atHand = copies.of(name);
    return settlement
        .settled(
            name,
            () -> steps.run(
                RedisScript.BEGIN,
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
                config.maxHistoryTokens(),
                now.toEpochMilli(),
                origin.model(),
                origin.settings().toJson().encode(),
                origin.promptTokens(),
                newSession))
        .map(reply -> {
          if (says(reply, "granted")) {
            Lease lease = new Lease(reply.get(1).toLong(), token);
            return granted(turn, tokens, providerInbox, lease, now, atHand, reply);
          }
          return says(reply, "busy") ? busy(reply.get(1).toLong()) : known(turn, reply);
        });
  }

  @Override
  public Future<Standing> standing(BeginTurn turn) {
    return settlement
        .settled(
            SessionName.of(turn),
            () -> steps.run(
                RedisScript.STANDING,
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

  @Override
  public Future<Begun.Granted> snapshot(BeginTurn turn, int tokens) {
    SessionName name = SessionName.of(turn);
    SessionCopies.AtHand atHand = copies.of(name);
    return settlement
        .settled(
            name,
            () -> steps.run(
                RedisScript.SNAPSHOT,
                name,
                atHand.token(),
                atHand.turns(),
                config.maxHistoryTokens()))
        .map(reply -> {
          Lease fenceOnly = new Lease(reply.get(1).toLong(), null);
          if (says(reply, "none")) {
            MemorySession session = newSessions.madeBy(turn);
            return Grants.granted(session, turn, fenceOnly, prompt(session, turn, tokens));
          }
          StoredHistory history = StoredHistory.of(reply, 2);
          MemorySession session = copies.completed(name, atHand, history);
          copies.seen(session, history.token());
          return Grants.granted(session, turn, fenceOnly, prompt(session, turn, tokens));
        });
  }

  @Override
  public Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox) {
    TurnKey key = TurnKey.of(turn);
    String token = Leases.token(random);
    return written(
            key,
            old.token(),
            RedisScript.REASSIGN,
            token,
            providerInbox,
            config.lease().toMillis())
        .map(reply -> {
          Lease lease = new Lease(reply.get(1).toLong(), token);
          copies.reassigned(key, old.token(), lease, providerInbox);
          return lease;
        });
  }

  @Override
  public Future<Void> progress(Progress progress) {
    TurnKey turn = new TurnKey(progress.tenant(), progress.turn());
    return written(
            turn,
            progress.token(),
            RedisScript.PROGRESS,
            progress.offset(),
            new JournalPiece(progress.offset(), progress.text()).encoded(),
            progress.offset() + progress.text().length(),
            config.lease().toMillis(),
            config.ttl().toMillis())
        .map(reply -> {
          copies.progressed(progress);
          tidings.renewed(
              SessionName.of(turn),
              reply.get(1).toLong(),
              reply.get(2).toLong(),
              reply.get(3).toLong());
          return null;
        });
  }

  @Override
  public Future<Sealed> seal(SealTurn seal) {
    TurnKey turn = new TurnKey(seal.tenant(), seal.turn());
    Instant now = now();
    StoredMessage answer = StoredMessage.answer(seal, now);
    SealedTurn sealed = new SealedTurn(
        0, 0, seal.text().length(), seal.provider(), now, 0, seal.failure(), seal.token());
    return written(
            turn,
            seal.token(),
            RedisScript.SEAL,
            answer.encoded(),
            answer.tokens(),
            sealed.about(),
            now.toEpochMilli(),
            MemorySession.routeOf(seal),
            seal.usage().inputTokens(),
            seal.usage().outputTokens(),
            seal.usage().estimatedCost(),
            seal.usage().estimated() ? "1" : "",
            config.ttl().toMillis())
        .map(reply -> {
          if (says(reply, "repeated")) {
            SealedTurn before = SealedTurn.decoded(reply.get(1).toString());
            copies.sealed(seal, before.timestamp());
            if (reply.size() > 2) {
              tidings.stored(SessionName.of(turn), reply, 2);
            }
            return new Sealed(seal.turn(), before.timestamp());
          }
          copies.sealed(seal, now);
          tidings.stored(SessionName.of(turn), reply, 2);
          return new Sealed(seal.turn(), now);
        });
  }

  @Override
  public Future<TurnId> abort(AbortTurn abort) {
    TurnKey turn = new TurnKey(abort.tenant(), abort.turn());
    return written(turn, abort.token(), RedisScript.ABORT).map(reply -> {
      copies.aborted(turn, abort.token(), reply.get(1).toInteger() == 1);
      tidings.dropped(SessionName.of(turn), reply.get(2).toString());
      return abort.turn();
    });
  }

  @Override
  public Future<Known> find(AttachTurn attach) {
    TurnKey turn = new TurnKey(attach.tenant(), attach.turn());
    return find(turn, attach.after(), attach.listener().window(), known.remembered(turn));
  }

  @Override
  public Future<Optional<Known.Pending>> running(SessionRequest session) {
    SessionName name = SessionName.of(session);
    return settlement
        .settled(name, () -> steps.run(RedisScript.FIND, name, "", ""))
        .map(reply -> known.read(name, reply, 0, Listener.DEFAULT_WINDOW).map(pending ->
            (Known.Pending) pending));
  }

  @Override
  public Future<Boolean> cancel(TurnKey turn) {
    return settlement.cancel(turn);
  }

  @Override
  public Future<Void> endBatch(EndBatch end) {
    SessionName name = SessionName.of(end);
    return steps.run(RedisScript.END_BATCH, name, end.batch()).map(reply -> {
      tidings.free(name, reply.get(1).toString());
      return null;
    });
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return sweeper.sweep(limit, orphansOnly);
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
    return known.read(SessionName.of(turn), reply, 0, turn.listener().window()).orElseThrow();
  }

  private Future<Known> find(TurnKey turn, int after, int window, String remembered) {
    SessionName name = SessionName.of(turn);
    return settlement
        .settled(name, () -> steps.run(RedisScript.FIND, name, turn.turn(), remembered))
        .compose(reply -> {
          boolean same = says(reply, "same");
          Optional<Known> found =
              same ? known.again(turn, after, window) : known.read(name, reply, after, window);
          if (found.isPresent()) {
            return Future.succeededFuture(found.get());
          }
          return same // what was remembered has been collected since
              ? find(turn, after, window, "")
              : Future.failedFuture(Fault.SESSION_NOT_FOUND.because("there is no such turn"));
        });
  }

  /** A step of whoever holds this token. */
  private Future<Response> written(
      TurnKey turn, String token, RedisScript script, Object... arguments) {
    Object[] all = new Object[arguments.length + 2];
    all[0] = turn.turn();
    all[1] = token;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return steps
        .run(script, SessionName.of(turn), all)
        .onFailure(failure -> copies.refused(turn, token, failure));
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Without what must not be kept, and without what the message has. */
  private static String request(BeginTurn turn) {
    JsonObject request = turn.under(null).toJson();
    request.remove("text");
    return request.encode();
  }

  private static String message(BeginTurn turn, int tokens, Instant now) {
    ChatMessage message = ChatMessage.user(turn.text());
    return new StoredMessage(message, turn.turn(), now, tokens, null, null, null).encoded();
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
