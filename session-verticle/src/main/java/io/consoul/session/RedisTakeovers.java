package io.consoul.session;

import static io.consoul.session.RedisSteps.says;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.Cuts;
import io.consoul.session.SessionStore.Known;
import io.consoul.session.SessionStore.Lease;
import io.consoul.session.Takeovers.TakeOver;
import io.consoul.session.Takeovers.Takeover;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Gives turns in progress in Redis to others that go on with them. What was said is read in one step, since no script can count
 * it, and joined with what was heard; another step gives the turn away, if it is still as it was read. Confined to one event
 * loop.
 */
final class RedisTakeovers {

  /** Each time its holder, or somebody else, was faster. */
  private static final int TRIES = 5;

  /**
   * A turn as it goes on.
   *
   * @param turn as it was read
   * @param token of its new lease
   * @param atHand of its session
   */
  private record Resumed(
      SessionName name,
      Unfinished turn,
      String said,
      Cuts cuts,
      String token,
      SessionCopies.AtHand atHand) {}

  private final SessionConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final RedisSteps steps;
  private final SessionCopies copies;
  private final RedisTidings tidings;
  private final Function<TurnKey, Future<Known>> known;

  /** @param known where a turn is that is not to be had; fails with E100 where there is none */
  RedisTakeovers(
      SessionConfig config,
      InstantSource clock,
      RandomGenerator random,
      RedisSteps steps,
      SessionCopies copies,
      RedisTidings tidings,
      Function<TurnKey, Future<Known>> known) {
    this.config = config;
    this.clock = clock;
    this.random = random;
    this.steps = steps;
    this.copies = copies;
    this.tidings = tidings;
    this.known = known;
  }

  Future<Takeover> take(TakeOver order) {
    return take(order, TRIES);
  }

  private Future<Takeover> take(TakeOver order, int tries) {
    SessionName name = SessionName.of(order.turn());
    return steps.run(SessionScript.PENDING, name, order.turn().turn(), "").compose(found -> {
      Unfinished turn = says(found, "lapsed") ? Unfinished.of(found) : null;
      if (turn == null || turn.fence() != order.fence()) {
        return where(order);
      }
      return tries == 0 ? Future.failedFuture(busy()) : take(order, resumed(order, turn), tries);
    });
  }

  private Future<Takeover> take(TakeOver order, Resumed resumed, int tries) {
    SessionCopies.AtHand atHand = resumed.atHand();
    return steps
        .run(
            SessionScript.TAKE_OVER,
            resumed.name(),
            order.turn().turn(),
            order.fence(),
            order.token(),
            order.token() == null ? order.unrenewed().toMillis() : 0,
            resumed.turn().pieces(),
            resumed.said().isEmpty() ? "" : new JournalPiece(0, resumed.said()).encoded(),
            resumed.said().length(),
            Unfinished.encoded(resumed.cuts()),
            resumed.token(),
            order.providerInbox(),
            config.lease().toMillis(),
            config.ttl().toMillis(),
            tidings.ownInbox(),
            atHand.token(),
            atHand.turns(),
            atHand.newest(),
            atHand.fence(),
            config.maxHistoryTokens())
        .compose(reply -> switch (reply.get(0).toString()) {
          case "changed" -> take(order, tries - 1);
          case "held" -> where(order);
          default -> Future.succeededFuture(won(resumed, order.providerInbox(), reply));
        });
  }

  private Resumed resumed(TakeOver order, Unfinished turn) {
    SessionName name = SessionName.of(order.turn());
    String said = Seam.join(turn.said(), turn.fence(), order.heard());
    return new Resumed(
        name, turn, said, turn.cuts().and(said.length()), Leases.token(random), copies.of(name));
  }

  private Future<Takeover> where(TakeOver order) {
    return known.apply(order.turn()).map(found -> found);
  }

  private Takeover.Won won(Resumed resumed, String providerInbox, Response reply) {
    StoredMessage user = StoredMessage.decoded(resumed.turn().user());
    BeginTurn begin = resumed.turn().begin(user);
    StoredHistory history = StoredHistory.of(reply, 4);
    MemorySession session = copies.completed(resumed.name(), resumed.atHand(), history);
    Transcript.Prompt prompt =
        session.prompt(user.message(), user.tokens(), config.maxHistoryTokens());
    Lease lease = new Lease(reply.get(1).toLong(), resumed.token());
    PendingTurn pending =
        new PendingTurn(begin, user.tokens(), prompt.tokens(), user.timestamp(), user.use());
    pending.goOn(resumed.said(), resumed.cuts());
    pending.hold(lease, providerInbox, clock.instant().plus(config.lease()));
    copies.begun(session, history.token(), pending);
    tidings.begun(resumed.name(), history, reply.get(2).toLong(), reply.get(3).toString());
    return new Takeover.Won(
        begin, Grants.granted(session, begin, lease, prompt), resumed.said(), resumed.cuts());
  }

  private static Throwable busy() {
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        1, "the turn in progress changes while it is being taken over; try again in a moment");
  }
}
