package io.consoul.session;

import static io.consoul.session.RedisSteps.says;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.consoul.message.Listener;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionRequest;
import io.consoul.message.Swept;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
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
  private final RedisSteps steps;
  private final SessionCopies copies;
  private final RedisTidings tidings;
  private final RedisSettlement settlement;
  private final Sweeper sweeper;
  private final KnownReplies known = new KnownReplies();
  private final RedisGrants grants;
  private final RedisTakeovers takeovers;

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
    this.steps = steps;
    this.copies = copies;
    this.tidings = tidings;
    this.settlement = settlement;
    this.sweeper = sweeper;
    this.grants = new RedisGrants(config, clock, random, steps, copies, tidings, settlement, known);
    this.takeovers = new RedisTakeovers(
        config,
        clock,
        random,
        steps,
        copies,
        tidings,
        turn -> find(turn, 0, 0, Listener.DEFAULT_WINDOW));
  }

  @Override
  public Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox) {
    return grants.begin(turn, tokens, providerInbox);
  }

  @Override
  public Future<Standing> standing(BeginTurn turn) {
    return grants.standing(turn);
  }

  @Override
  public Future<Begun.Granted> snapshot(BeginTurn turn, int tokens) {
    return grants.beside(turn, tokens);
  }

  @Override
  public Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox) {
    TurnKey key = TurnKey.of(turn);
    String token = Leases.token(random);
    return written(
            key,
            old.token(),
            SessionScript.REASSIGN,
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
            SessionScript.PROGRESS,
            progress.offset(),
            new JournalPiece(progress.offset(), progress.text()).encoded(),
            progress.offset() + progress.text().length(),
            config.lease().toMillis(),
            config.ttl().toMillis())
        .map(reply -> {
          copies.progressed(progress);
          tidings.renewed(
              SessionName.of(turn),
              RedisHead.owner(reply.get(4)),
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
        0,
        0,
        seal.text().length(),
        seal.provider(),
        seal.rescues(),
        seal.cuts(),
        now,
        0,
        seal.failure(),
        seal.token());
    return written(
            turn,
            seal.token(),
            SessionScript.SEAL,
            answer.encoded(),
            answer.tokens(),
            sealed.about(),
            now.toEpochMilli(),
            MemorySession.routeOf(seal),
            seal.usage().inputTokens(),
            seal.usage().outputTokens(),
            seal.usage().estimatedCost(),
            seal.usage().estimated() ? "1" : "",
            config.ttl().toMillis(),
            Unfinished.encoded(seal.cuts()))
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
    return written(turn, abort.token(), SessionScript.ABORT).map(reply -> {
      copies.aborted(turn, abort.token(), reply.get(1).toInteger() == 1);
      if (reply.size() > 2) {
        tidings.dropped(SessionName.of(turn), reply.get(2).toString());
      }
      return abort.turn();
    });
  }

  @Override
  public Future<Known> find(AttachTurn attach) {
    TurnKey turn = new TurnKey(attach.tenant(), attach.turn());
    return find(turn, attach.after(), attach.cuts(), attach.listener().window());
  }

  @Override
  public Future<Takeover> takeOver(TakeOver order) {
    return takeovers.take(order);
  }

  @Override
  public Future<Optional<Known.Pending>> running(SessionRequest session) {
    SessionName name = SessionName.of(session);
    return steps
        .run(SessionScript.FIND, name, "", "")
        .map(reply -> known.read(name, reply, 0, 0, Listener.DEFAULT_WINDOW).map(pending ->
            (Known.Pending) pending));
  }

  @Override
  public Future<Boolean> cancel(TurnKey turn) {
    return settlement.cancel(turn);
  }

  @Override
  public Future<Void> endBatch(EndBatch end) {
    SessionName name = SessionName.of(end);
    return steps.run(SessionScript.END_BATCH, name, end.batch()).map(reply -> {
      tidings.free(name, reply.get(1).toString());
      return null;
    });
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return sweeper.sweep(limit, orphansOnly);
  }

  private Future<Known> find(TurnKey turn, int after, int seen, int window) {
    return find(turn, after, seen, window, known.remembered(turn));
  }

  private Future<Known> find(TurnKey turn, int after, int seen, int window, String remembered) {
    SessionName name = SessionName.of(turn);
    return steps.run(SessionScript.FIND, name, turn.turn(), remembered).compose(reply -> {
      boolean same = says(reply, "same");
      Optional<Known> found = same
          ? known.again(turn, after, seen, window)
          : known.read(name, reply, after, seen, window);
      if (found.isPresent()) {
        return Future.succeededFuture(found.get());
      }
      return same // what was remembered has been collected since
          ? find(turn, after, seen, window, "")
          : Future.failedFuture(Fault.SESSION_NOT_FOUND.because("there is no such turn"));
    });
  }

  /** A step of whoever holds this token. */
  private Future<Response> written(
      TurnKey turn, String token, SessionScript script, Object... arguments) {
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
}
