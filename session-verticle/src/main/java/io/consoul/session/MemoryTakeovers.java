package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.Listener;
import io.consoul.message.TurnId;
import io.consoul.session.Takeovers.TakeOver;
import io.consoul.session.Takeovers.Takeover;
import java.time.Instant;
import java.time.InstantSource;

/** Gives pending turns in memory to others that go on with them. Confined to one event loop. */
final class MemoryTakeovers {

  private final SessionConfig config;
  private final InstantSource clock;
  private final Leases leases;
  private final MemorySessions sessions;

  MemoryTakeovers(
      SessionConfig config, InstantSource clock, Leases leases, MemorySessions sessions) {
    this.config = config;
    this.clock = clock;
    this.leases = leases;
    this.sessions = sessions;
  }

  /** @throws io.consoul.fault.FaultException E100 where there is no such turn */
  Takeover take(TakeOver order) {
    MemorySession session = sessions.find(order.turn().session());
    TurnId turn = order.turn().turn();
    PendingTurn pending = session == null ? null : session.pending();
    if (pending == null || !pending.begin().turn().equals(turn)) {
      return ended(session, turn);
    }
    if (pending.fence() != order.fence() || !isGivenUp(session, order)) {
      return pending.known();
    }
    Instant leaseEnd = clock.instant().plus(config.lease());
    pending.goOnAfter(pending.saidWith(order.heard()));
    pending.hold(leases.next(), order.providerInbox(), leaseEnd);
    sessions.used(session);
    return won(session);
  }

  /** What whoever has taken the session's turn is told; nothing changes. */
  Takeover.Won won(MemorySession session) {
    PendingTurn pending = session.pending();
    Transcript.Prompt prompt =
        session.prompt(pending.message(), pending.tokens(), config.maxHistoryTokens());
    return new Takeover.Won(
        pending.begin(),
        Grants.granted(session, pending.begin(), pending.lease(), prompt),
        pending.said(),
        pending.cuts());
  }

  private boolean isGivenUp(MemorySession session, TakeOver order) {
    return order.token() != null
        ? session.pending().isHeldBy(order.token())
        : sessions.hasLapsed(session)
            || session
                    .pending()
                    .unrenewed(clock.instant(), config.lease())
                    .compareTo(order.unrenewed())
                >= 0;
  }

  private static Takeover ended(MemorySession session, TurnId turn) {
    if (session == null || session.transcript().sealed(turn) == null) {
      throw Fault.SESSION_NOT_FOUND.because("there is no such turn");
    }
    return session.known(turn, 0, 0, Listener.DEFAULT_WINDOW).orElseThrow();
  }
}
