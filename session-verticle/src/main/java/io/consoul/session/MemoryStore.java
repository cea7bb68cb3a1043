package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AbortTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.Swept;
import io.consoul.message.TokenCounter;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions in the memory of one verticle instance: gone when the process ends, bounded in number and in time. Confined to
 * the instance's event loop, so plain maps are enough and every method is atomic.
 */
final class MemoryStore implements SessionStore {

  private static final Logger log = LoggerFactory.getLogger(MemoryStore.class);
  private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);
  private static final int TOKEN_BYTES = 18;

  private final SessionConfig config;
  private final InstantSource clock;
  private final RandomGenerator random;

  /** In order of last use, and so in order of expiry: the time to live is the same for all. */
  private final Map<String, MemorySession> sessions = new LinkedHashMap<>();

  /** Those with a turn in progress, so that the sweep of orphans need not look at all. */
  private final Map<String, MemorySession> pending = new LinkedHashMap<>();

  private long lastFence;
  private Instant lastWarning = Instant.MIN;

  MemoryStore(SessionConfig config, InstantSource clock, RandomGenerator random) {
    this.config = config;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public Future<Begun> begin(BeginTurn turn, String providerInbox) {
    return atomically(() -> {
      Instant now = clock.instant();
      MemorySession session = find(turn.sessionKey(), now);
      if (session != null) {
        Optional<Begun> known = known(session, turn, now);
        if (known.isPresent()) {
          return known.get();
        }
      }
      // Settling an orphan may have dropped the session.
      session = sessions.containsKey(turn.sessionKey()) ? session : create(turn);
      return grant(session, turn, providerInbox, now);
    });
  }

  @Override
  public Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox) {
    return atomically(() -> {
      PendingTurn held = held(turn.sessionKey(), turn.turn(), old.token());
      Lease lease = nextLease();
      held.hold(lease, providerInbox, clock.instant().plus(config.lease()));
      return lease;
    });
  }

  @Override
  public Future<Void> progress(Progress progress) {
    return atomically(() -> {
      String key = BeginTurn.sessionKey(progress.tenant(), progress.turn());
      PendingTurn held = held(key, progress.turn(), progress.token());
      if (!held.journal(progress.offset(), progress.text())) {
        throw Fault.INTERNAL_ERROR.because(
            "the journal would get a gap at offset " + progress.offset());
      }
      held.renew(clock.instant().plus(config.lease()));
      touch(sessions.get(key));
      return null;
    });
  }

  @Override
  public Future<Sealed> seal(SealTurn seal) {
    return atomically(() -> {
      String key = BeginTurn.sessionKey(seal.tenant(), seal.turn());
      MemorySession session = sessions.get(key);
      MemorySession.SealedTurn sealed = session == null ? null : session.sealed(seal.turn());
      if (sealed != null && sealed.isSealedBy(seal.token())) {
        return new Sealed(seal.turn(), sealed.timestamp());
      }
      held(key, seal.turn(), seal.token());
      Instant timestamp = session.seal(seal, clock.instant()).timestamp();
      pending.remove(key);
      touch(session);
      return new Sealed(seal.turn(), timestamp);
    });
  }

  @Override
  public Future<TurnId> abort(AbortTurn abort) {
    return atomically(() -> {
      String key = BeginTurn.sessionKey(abort.tenant(), abort.turn());
      held(key, abort.turn(), abort.token());
      sessions.get(key).abort();
      freed(sessions.get(key));
      return abort.turn();
    });
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return atomically(() -> {
      Instant now = clock.instant();
      List<MemorySession> lapsed = pending.values().stream()
          .filter(session -> session.pending().isLapsed(now))
          .limit(limit)
          .toList();
      lapsed.forEach(session -> settle(session, now));
      int expired = orphansOnly ? 0 : removeExpired(limit - lapsed.size(), now);
      return new Swept(expired, lapsed.size(), lapsed.size() + expired >= limit);
    });
  }

  /** For tests: what is stored of a session, oldest first. */
  List<StoredMessage> messages(String sessionKey) {
    MemorySession session = find(sessionKey, clock.instant());
    return session == null ? List.of() : session.messages();
  }

  int size() {
    return sessions.size();
  }

  private Optional<Begun> known(MemorySession session, BeginTurn turn, Instant now) {
    if (session.pending() != null && session.pending().isLapsed(now)) {
      settle(session, now);
    }
    MemorySession.SealedTurn sealed = session.sealed(turn.turn());
    if (sealed != null) {
      return Optional.of(new Begun.Known(sealed.fence(), sealed.providerInbox()));
    }
    PendingTurn other = session.pending();
    if (other == null) {
      return Optional.empty();
    }
    return Optional.of(
        other.begin().turn().equals(turn.turn())
            ? new Begun.Known(other.fence(), other.providerInbox())
            : new Begun.Busy());
  }

  private Begun grant(MemorySession session, BeginTurn turn, String providerInbox, Instant now) {
    if (turn.model() != null && !turn.model().equals(session.model())) {
      log.warn(
          "a turn asked for another model than its session's; it is ignored: turn={}", turn.turn());
    }
    PendingTurn begun = new PendingTurn(turn, now);
    Lease lease = nextLease();
    begun.hold(lease, providerInbox, now.plus(config.lease()));
    session.begin(begun);
    pending.put(session.key(), session);
    touch(session);
    return new Begun.Granted(
        lease, session.model(), session.settings(), session.tail(historyBudget(session)));
  }

  private int historyBudget(MemorySession session) {
    String systemPrompt = session.settings().systemPrompt();
    return config.maxHistoryTokens()
        - (systemPrompt == null ? 0 : TokenCounter.count(systemPrompt));
  }

  private MemorySession create(BeginTurn turn) {
    makeRoom();
    String model = turn.model() == null ? config.model() : turn.model();
    return new MemorySession(turn.sessionKey(), model, config.settings());
  }

  private MemorySession find(String key, Instant now) {
    MemorySession session = sessions.get(key);
    if (session != null && session.isExpired(now)) {
      sessions.remove(key);
      return null;
    }
    return session;
  }

  private PendingTurn held(String key, TurnId turn, String token) {
    MemorySession session = sessions.get(key);
    if (session == null) {
      throw Fault.SESSION_NOT_FOUND.because("the session of this turn is gone");
    }
    PendingTurn held = session.pending();
    if (held == null || !held.begin().turn().equals(turn) || !held.isHeldBy(token)) {
      throw Fault.SESSION_LOCKED.because("the turn's lease has lapsed or is another's");
    }
    return held;
  }

  private void settle(MemorySession session, Instant now) {
    log.warn(
        "a turn's provider is gone; settled what it said: turn={}",
        session.pending().begin().turn());
    session.settleOrphan(now);
    freed(session);
  }

  /** After a turn that left the session as it was, or settled it. */
  private void freed(MemorySession session) {
    pending.remove(session.key());
    if (session.isEmpty()) {
      sessions.remove(session.key());
    }
  }

  private void touch(MemorySession session) {
    session.keepUntil(clock.instant().plus(config.ttl()));
    sessions.remove(session.key());
    sessions.put(session.key(), session);
  }

  private int removeExpired(int limit, Instant now) {
    int removed = 0;
    Iterator<MemorySession> oldest = sessions.values().iterator();
    while (removed < limit && oldest.hasNext()) {
      MemorySession session = oldest.next();
      if (session.isExpired(now)) {
        oldest.remove();
        removed++;
      } else if (session.pending() == null) {
        break;
      }
    }
    return removed;
  }

  private void makeRoom() {
    if (sessions.size() < config.maxSessionsPerInstance()) {
      return;
    }
    Iterator<MemorySession> oldest = sessions.values().iterator();
    while (oldest.hasNext()) {
      if (oldest.next().pending() == null) {
        oldest.remove();
        warnOfEviction();
        return;
      }
    }
    throw Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        1, "the memory store is full of sessions that are all in use; try again in a moment");
  }

  private void warnOfEviction() {
    Instant now = clock.instant();
    if (lastWarning.equals(Instant.MIN) || lastWarning.plus(WARNING_INTERVAL).isBefore(now)) {
      lastWarning = now;
      log.warn(
          "the memory store is full ({} sessions per instance): the oldest idle sessions are dropped; "
              + "raise CONSOUL_MEMORY_MAX_SESSIONS or lower CONSOUL_SESSION_TTL",
          config.maxSessionsPerInstance());
    }
  }

  private Lease nextLease() {
    lastFence = Math.max(clock.millis(), lastFence + 1);
    byte[] token = new byte[TOKEN_BYTES];
    random.nextBytes(token);
    return new Lease(lastFence, Base64.getUrlEncoder().encodeToString(token));
  }

  private static <T> Future<T> atomically(Supplier<T> step) {
    try {
      return Future.succeededFuture(step.get());
    } catch (FaultException refused) {
      return Future.failedFuture(refused);
    }
  }
}
