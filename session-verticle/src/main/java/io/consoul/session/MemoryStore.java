package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionRequest;
import io.consoul.message.Swept;
import io.consoul.message.TokenCounter;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions in the memory of one verticle instance: gone when the process ends. Confined to the instance's event loop, so
 * plain maps are enough and every method is atomic.
 */
final class MemoryStore implements SessionStore {

  private static final Logger log = LoggerFactory.getLogger(MemoryStore.class);

  private final SessionConfig config;
  private final InstantSource clock;
  private final MemorySessions sessions;
  private final Leases leases;

  /** Of new sessions; counted when the first one is made. */
  private Integer systemPromptTokens;

  MemoryStore(SessionConfig config, InstantSource clock, RandomGenerator random) {
    this.config = config;
    this.clock = clock;
    this.sessions = new MemorySessions(config, clock);
    this.leases = new Leases(clock, random);
  }

  @Override
  public Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox) {
    return atomically(() -> {
      MemorySession session = settled(turn.sessionKey());
      if (session == null) {
        session = create(turn);
      }
      Optional<Begun> known = known(session, turn.turn());
      return known.isPresent() ? known.get() : grant(session, turn, tokens, providerInbox);
    });
  }

  @Override
  public Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox) {
    return atomically(() -> {
      PendingTurn held = held(turn.sessionKey(), turn.turn(), old.token()).pending();
      Lease lease = leases.next();
      held.hold(lease, providerInbox, leaseEnd());
      return lease;
    });
  }

  @Override
  public Future<Void> progress(Progress progress) {
    return atomically(() -> {
      String key = SessionRequest.sessionKey(progress.tenant(), progress.turn().session());
      MemorySession session = held(key, progress.turn(), progress.token());
      if (!session.pending().journal(progress.offset(), progress.text())) {
        throw Fault.INTERNAL_ERROR.because(
            "the journal would get a gap at offset " + progress.offset());
      }
      session.pending().renew(leaseEnd());
      sessions.used(session);
      return null;
    });
  }

  @Override
  public Future<Sealed> seal(SealTurn seal) {
    return atomically(() -> {
      String key = SessionRequest.sessionKey(seal.tenant(), seal.turn().session());
      MemorySession session = sessions.find(key);
      MemorySession.SealedTurn before = session == null ? null : session.sealed(seal.turn());
      if (before != null && before.isSealedBy(seal.token())) {
        return new Sealed(seal.turn(), before.timestamp());
      }
      Instant timestamp =
          held(key, seal.turn(), seal.token()).seal(seal, clock.instant()).timestamp();
      sessions.used(session);
      return new Sealed(seal.turn(), timestamp);
    });
  }

  @Override
  public Future<TurnId> abort(AbortTurn abort) {
    return atomically(() -> {
      String key = SessionRequest.sessionKey(abort.tenant(), abort.turn().session());
      MemorySession session = held(key, abort.turn(), abort.token());
      session.abort();
      sessions.freed(session);
      return abort.turn();
    });
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return atomically(() -> {
      List<MemorySession> lapsed = sessions.lapsed(limit);
      lapsed.forEach(this::settle);
      int expired = orphansOnly ? 0 : sessions.removeExpired(limit - lapsed.size());
      return new Swept(expired, lapsed.size(), lapsed.size() + expired >= limit);
    });
  }

  /** For tests: what is stored of a session, oldest first. */
  List<StoredMessage> messages(String sessionKey) {
    MemorySession session = sessions.find(sessionKey);
    return session == null ? List.of() : session.messages();
  }

  int size() {
    return sessions.size();
  }

  /** The session, with no turn in it whose provider is gone; or null when there is none. */
  private MemorySession settled(String key) {
    MemorySession session = sessions.find(key);
    if (session != null && session.hasLapsed(clock.instant())) {
      settle(session);
      return sessions.find(key);
    }
    return session;
  }

  private static Optional<Begun> known(MemorySession session, TurnId turn) {
    MemorySession.SealedTurn sealed = session.sealed(turn);
    if (sealed != null) {
      return Optional.of(new Begun.Known(sealed.fence(), sealed.providerInbox()));
    }
    return Optional.ofNullable(session.pending())
        .map(pending -> pending.begin().turn().equals(turn)
            ? new Begun.Known(pending.fence(), pending.providerInbox())
            : new Begun.Busy());
  }

  private Begun grant(MemorySession session, BeginTurn turn, int tokens, String providerInbox) {
    if (turn.model() != null && !session.isAnsweredBy(turn.model())) {
      log.warn(
          "a turn asked for another model than its session's; it is ignored: turn={}", turn.turn());
    }
    PendingTurn begun = new PendingTurn(turn, tokens, clock.instant());
    Lease lease = leases.next();
    begun.hold(lease, providerInbox, leaseEnd());
    session.begin(begun);
    sessions.used(session);
    return new Begun.Granted(
        lease, session.model(), session.settings(), session.tail(config.maxHistoryTokens()));
  }

  /** It is kept from the moment that its turn has begun. */
  private MemorySession create(BeginTurn turn) {
    sessions.makeRoom();
    if (systemPromptTokens == null) {
      String prompt = config.settings().systemPrompt();
      systemPromptTokens = prompt == null ? 0 : TokenCounter.count(prompt);
    }
    String model = turn.model() == null ? config.model() : turn.model();
    return new MemorySession(turn.sessionKey(), model, config.settings(), systemPromptTokens);
  }

  private MemorySession held(String key, TurnId turn, String token) {
    MemorySession session = sessions.find(key);
    if (session == null) {
      throw Fault.SESSION_NOT_FOUND.because("the session of this turn is gone");
    }
    PendingTurn held = session.pending();
    if (held == null || !held.begin().turn().equals(turn) || !held.isHeldBy(token)) {
      throw Fault.SESSION_LOCKED.because("the turn's lease has lapsed or is another's");
    }
    return session;
  }

  private void settle(MemorySession session) {
    TurnId turn = session.pending().begin().turn();
    boolean kept = session.settleOrphan(clock.instant());
    log.warn("a turn's provider is gone: turn={} kept_as_interrupted={}", turn, kept);
    if (kept) {
      sessions.used(session);
    } else {
      sessions.freed(session);
    }
  }

  private Instant leaseEnd() {
    return clock.instant().plus(config.lease());
  }

  private static <T> Future<T> atomically(Supplier<T> step) {
    try {
      return Future.succeededFuture(step.get());
    } catch (RuntimeException failure) {
      return Future.failedFuture(failure);
    }
  }
}
