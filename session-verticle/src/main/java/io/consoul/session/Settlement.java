package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends turns whose provider cannot: it is gone, or the turn was taken away from it. Confined to one event loop. */
final class Settlement {

  private static final Logger log = LoggerFactory.getLogger(Settlement.class);

  static final Failed PROVIDER_LOST = Failed.of(Fault.LLM_UNAVAILABLE.because(
      "the provider was lost in the middle of the answer; what was said until then is kept"));

  private final MemorySessions sessions;
  private final Reservations reservations;
  private final Leases leases;
  private final InstantSource clock;

  Settlement(
      MemorySessions sessions, Reservations reservations, Leases leases, InstantSource clock) {
    this.sessions = sessions;
    this.reservations = reservations;
    this.leases = leases;
    this.clock = clock;
  }

  /** The session, with no turn in it whose provider is gone; or null when there is none. */
  MemorySession settled(String key) {
    MemorySession session = sessions.find(key);
    if (session != null && sessions.hasLapsed(session)) {
      orphan(session);
      return sessions.find(key);
    }
    return session;
  }

  /** Of a session whose turn's lease has lapsed. */
  void orphan(MemorySession session) {
    var turn = session.pending().begin().turn();
    boolean kept = end(session, FinishReason.INTERRUPTED, PROVIDER_LOST);
    if (!sessions.isCopy()) {
      log.warn("a turn's provider is gone: turn={} kept_as_interrupted={}", turn, kept);
    }
  }

  /** What its client wants to keep of the pending turn is what was said. */
  void cancel(MemorySession session) {
    end(session, FinishReason.CANCELLED, null);
  }

  private boolean end(MemorySession session, FinishReason reason, Failed failure) {
    PendingTurn turn = session.pending();
    reservations.ended(turn.begin());
    if (turn.said().isEmpty()) {
      session.abort();
      sessions.freed(session);
      return false;
    }
    session.settle(reason, failure, leases.nextFence(), clock.instant());
    sessions.stored(session);
    return true;
  }
}
