package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Lets the sessions at hand follow what happens to them in Redis: a copy has what is stored and the turn in progress, with
 * all that was said in it so far, so that another store can go on with it. Confined to one event loop.
 */
final class SessionCopies {

  /**
   * A session as it is at hand when Redis is asked.
   *
   * @param session null where it is not
   * @param newest of its turns, or null where that is not at hand
   */
  record AtHand(MemorySession session, String token, int turns, TurnId newest, long fence) {}

  private static final Set<Fault> REFUSALS = Set.of(Fault.SESSION_LOCKED, Fault.SESSION_NOT_FOUND);

  private final SessionConfig config;
  private final InstantSource clock;
  private final SessionsAtHand atHand;

  SessionCopies(SessionConfig config, InstantSource clock, SessionsAtHand atHand) {
    this.config = config;
    this.clock = clock;
    this.atHand = atHand;
  }

  AtHand of(SessionName name) {
    MemorySession session = atHand.find(name.key()).orElse(null);
    if (session == null) {
      return new AtHand(null, "", 0, null, 0);
    }
    Transcript transcript = session.transcript();
    String token = atHand.token(name.key());
    int turns = transcript.turns();
    if (turns == transcript.skippedTurns()) {
      return new AtHand(session, token, turns, null, 0);
    }
    Transcript.Turn newest = transcript.turn(turns - 1);
    return new AtHand(
        session, token, turns, newest.answer().turn(), newest.sealed().fence());
  }

  /** @param history in Redis, or null where that does not have the session */
  boolean misses(AtHand before, StoredHistory history) {
    return before.turns() > 0
        && (history == null
            || !before.token().equals(history.token())
            || history.before() + history.turns().size() < before.turns());
  }

  /** Redis does not have what is at hand: succeeds when it may be asked again, and without it. */
  Future<Void> missed(SessionName name, AtHand before) {
    return atHand
        .missed(name.key())
        .onSuccess(known -> atHand
            .find(name.key())
            .filter(copy -> copy == before.session())
            .ifPresent(copy -> forget(name)));
  }

  /** The session as Redis tells that it is now, with what was at hand when it was asked. */
  MemorySession completed(SessionName name, AtHand before, StoredHistory history) {
    if (!history.completes()) {
      return history.session(name);
    }
    history.addTo(before.session());
    before.session().transcript().trim(config.maxHistoryTokens());
    return before.session();
  }

  /** A turn of it runs here. */
  void begun(MemorySession session, String token, PendingTurn turn) {
    if (session.pending() != null) {
      session.abort(); // Redis knows better
    }
    session.begin(turn);
    atHand.keep(session, token);
  }

  /** Somebody looked at it. */
  void seen(MemorySession session, String token) {
    if (atHand.find(session.key()).isEmpty()) {
      atHand.keep(session, token);
    }
  }

  void reassigned(TurnKey turn, String oldToken, SessionStore.Lease lease, String inbox) {
    withHeld(turn, oldToken, (session, pending) -> {
      pending.goOnAfter("");
      pending.hold(lease, inbox, leaseEnd());
    });
  }

  void progressed(Progress progress) {
    TurnKey turn = new TurnKey(progress.tenant(), progress.turn());
    withHeld(turn, progress.token(), (session, pending) -> {
      if (pending.journal(progress.offset(), progress.text())) {
        pending.renew(leaseEnd());
        session.keepUntil(clock.instant().plus(config.ttl()));
      } else {
        forget(SessionName.of(turn)); // it has heard less than Redis
      }
    });
  }

  void sealed(SealTurn seal, Instant timestamp) {
    withHeld(new TurnKey(seal.tenant(), seal.turn()), seal.token(), (session, pending) -> {
      session.seal(seal, timestamp);
      session.keep();
      session.keepUntil(clock.instant().plus(config.ttl()));
      session.transcript().trim(config.maxHistoryTokens());
    });
  }

  /** @param gone whether the session is gone with its turn */
  void aborted(TurnKey turn, String token, boolean gone) {
    withHeld(turn, token, (session, pending) -> session.abort());
    if (gone) {
      forget(SessionName.of(turn));
    }
  }

  /** A step under this token has failed: when it was refused, the turn is another's or gone. */
  void refused(TurnKey turn, String token, Throwable failure) {
    if (failure instanceof FaultException known && REFUSALS.contains(known.fault())) {
      if (known.fault() == Fault.SESSION_NOT_FOUND) {
        SessionName name = SessionName.of(turn);
        withHeld(turn, token, (session, pending) -> missed(name, of(name)));
      } else {
        ended(turn, token);
      }
    }
  }

  /** Somebody else has ended the turn that was held under this token. */
  void ended(TurnKey turn, String token) {
    withHeld(turn, token, (session, pending) -> forget(SessionName.of(turn)));
  }

  /** The session's turns run elsewhere now; one that runs here is told by Redis if it does not any more. */
  void moved(SessionName name) {
    atHand
        .find(name.key())
        .filter(session -> session.pending() == null)
        .ifPresent(session -> forget(name));
  }

  void forget(SessionName name) {
    atHand.forget(name.key());
  }

  private void withHeld(TurnKey turn, String token, BiConsumer<MemorySession, PendingTurn> action) {
    atHand.find(turn.session()).ifPresent(session -> {
      PendingTurn pending = session.pending();
      if (pending != null
          && pending.begin().turn().equals(turn.turn())
          && pending.isHeldBy(token)) {
        action.accept(session, pending);
      }
    });
  }

  private Instant leaseEnd() {
    return clock.instant().plus(config.lease());
  }
}
