package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.session.SessionStore.Begun;
import io.consoul.session.SessionStore.Lease;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets turns begin in a session that is free, and makes it where there is none. Confined to one event loop. */
final class Grants {

  private static final Logger log = LoggerFactory.getLogger(Grants.class);

  private final SessionConfig config;
  private final InstantSource clock;
  private final Leases leases;
  private final MemorySessions sessions;
  private final Reservations reservations;
  private final NewSessions newSessions;

  Grants(
      SessionConfig config,
      InstantSource clock,
      Leases leases,
      MemorySessions sessions,
      Reservations reservations) {
    this.config = config;
    this.clock = clock;
    this.leases = leases;
    this.sessions = sessions;
    this.reservations = reservations;
    this.newSessions = new NewSessions(config, clock);
  }

  /** @param known the turn's session, or null where it is to be made */
  Begun.Granted grant(MemorySession known, BeginTurn turn, int tokens, String providerInbox) {
    MemorySession session = known == null ? create(turn) : known;
    if (!sessions.isCopy()) {
      warnOfOtherModel(session, turn);
    }
    Transcript.Prompt prompt = prompt(session, turn, tokens);
    Lease lease = leases.next();
    PendingTurn begun = new PendingTurn(turn, tokens, prompt.tokens(), clock.instant());
    begun.hold(lease, providerInbox, clock.instant().plus(config.lease()));
    session.begin(begun);
    reservations.begun(turn);
    sessions.used(session);
    return granted(session, turn, lease, prompt);
  }

  /**
   * What a turn beside its session gets; nothing changes.
   *
   * @param known the turn's session, or null where there is none
   */
  Begun.Granted beside(MemorySession known, BeginTurn turn, int tokens) {
    MemorySession session = known == null ? newSessions.madeBy(turn) : known;
    Lease fenceOnly = new Lease(clock.millis(), null);
    return granted(session, turn, fenceOnly, prompt(session, turn, tokens));
  }

  static void warnOfOtherModel(MemorySession session, BeginTurn turn) {
    if (turn.model() != null && session.model() != null && !session.isAnsweredBy(turn.model())) {
      log.warn(
          "a turn asked for another model than its session's; it is ignored: turn={}", turn.turn());
    }
  }

  static Begun.Granted granted(
      MemorySession session, BeginTurn turn, Lease lease, Transcript.Prompt prompt) {
    String model = session.model() == null ? turn.model() : session.model();
    return new Begun.Granted(lease, model, session.settings(), prompt.messages(), prompt.tokens());
  }

  private Transcript.Prompt prompt(MemorySession session, BeginTurn turn, int tokens) {
    return session.prompt(ChatMessage.user(turn.text()), tokens, config.maxHistoryTokens());
  }

  private MemorySession create(BeginTurn turn) {
    sessions.makeRoom();
    MemorySession session = newSessions.madeBy(turn);
    sessions.add(session);
    return session;
  }
}
