package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.SessionChanged;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which sessions of one instance are kept: bounded in number and in time. Tells of each that comes to stay and of each that
 * goes. Confined to one event loop.
 */
final class MemorySessions {

  private static final Logger log = LoggerFactory.getLogger(MemorySessions.class);
  private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);

  /**
   * Without a tick for so long the whole process stood still (a suspended machine, SIGSTOP): the holders of the leases did,
   * too, and what they have to say waits to be read.
   */
  private static final Duration STANDSTILL = Duration.ofSeconds(1);

  private final Duration ttl;
  private final Duration lease;
  private final int max;
  private final InstantSource clock;
  private final Consumer<SessionChanged> changes;
  private final Predicate<MemorySession> pinned;
  private final SessionIndex index = new SessionIndex();

  /** In order of last use, and so in order of expiry: the time to live is the same for all. */
  private final Map<String, MemorySession> sessions = new LinkedHashMap<>();

  /** Those with a turn in progress, so that the sweep of orphans need not look at all. */
  private final Map<String, MemorySession> inUse = new LinkedHashMap<>();

  private Instant lastWarning;
  private Instant lastTick;
  private boolean copy;

  /** @param pinned which sessions stay although their time is over or others need room */
  MemorySessions(
      SessionConfig config,
      InstantSource clock,
      Consumer<SessionChanged> changes,
      Predicate<MemorySession> pinned) {
    this.ttl = config.ttl();
    this.lease = config.lease();
    this.max = config.maxSessionsPerInstance();
    this.clock = clock;
    this.changes = changes;
    this.pinned = pinned;
  }

  /** @return null when there is none, or none any longer */
  MemorySession find(String key) {
    MemorySession session = sessions.get(key);
    if (session != null && isExpired(session, clock.instant())) {
      forget(session, SessionChanged.Change.EXPIRED);
      return null;
    }
    return session;
  }

  /** What happens here happens elsewhere, too, and is logged there. */
  void asCopy() {
    copy = true;
  }

  boolean isCopy() {
    return copy;
  }

  /** Takes in one as it is, without prolonging its time. */
  void restore(MemorySession session) {
    index.add(session);
    sessions.put(session.key(), session);
    if (session.pending() != null) {
      inUse.put(session.key(), session);
    }
  }

  /** @return it also when its time is over, or null */
  MemorySession stored(String key) {
    return sessions.get(key);
  }

  /** Sessions of a list in its order; some may be expired. */
  Collection<MemorySession> listed(ListName list, ListPosition after) {
    return index.after(list, after);
  }

  void add(MemorySession session) {
    index.add(session);
    used(session);
  }

  /** It is one to stay from now on: made for its own sake, or a turn is stored in it. */
  void stored(MemorySession session) {
    used(session);
    if (session.keep()) {
      tell(session, SessionChanged.Change.CREATED);
    }
  }

  /** Something happened in the session, so it lives for another term. */
  void used(MemorySession session) {
    session.keepUntil(clock.instant().plus(ttl));
    sessions.remove(session.key());
    sessions.put(session.key(), session);
    if (session.pending() == null) {
      inUse.remove(session.key());
    } else {
      inUse.put(session.key(), session);
    }
  }

  /** Its turn left no trace; a session that only that turn had made is gone with it. */
  void freed(MemorySession session) {
    inUse.remove(session.key());
    if (!session.isKept()) {
      forget(session, SessionChanged.Change.EXPIRED);
    }
  }

  /** Whatever is in it. */
  void forget(MemorySession session, SessionChanged.Change why) {
    sessions.remove(session.key());
    forgotten(session, why);
  }

  /** To be called several times a second, or never: then nothing counts as a standstill. */
  void tick() {
    excuseStandstill();
    lastTick = clock.instant();
  }

  /** Whether its turn has lost its provider. */
  boolean hasLapsed(MemorySession session) {
    excuseStandstill();
    return session.hasLapsed(clock.instant());
  }

  /** Sessions whose turn has lost its provider. */
  List<MemorySession> lapsed(int limit) {
    excuseStandstill();
    Instant now = clock.instant();
    return inUse.values().stream()
        .filter(session -> session.hasLapsed(now))
        .limit(limit)
        .toList();
  }

  /** @return how many were removed, up to the limit */
  int removeExpired(int limit) {
    Instant now = clock.instant();
    int removed = 0;
    Iterator<MemorySession> oldest = sessions.values().iterator();
    while (removed < limit && oldest.hasNext()) {
      MemorySession session = oldest.next();
      if (isExpired(session, now)) {
        oldest.remove();
        forgotten(session, SessionChanged.Change.EXPIRED);
        removed++;
      } else if (session.pending() == null) {
        break;
      }
    }
    return removed;
  }

  /**
   * Drops the oldest idle session when there are as many as there may be.
   *
   * @throws io.consoul.fault.FaultException E110 when all are in use
   */
  void makeRoom() {
    if (sessions.size() < max) {
      return;
    }
    if (inUse.size() < sessions.size()) {
      Iterator<MemorySession> oldest = sessions.values().iterator();
      while (oldest.hasNext()) {
        MemorySession session = oldest.next();
        if (session.pending() == null && !pinned.test(session)) {
          oldest.remove();
          forgotten(session, SessionChanged.Change.EXPIRED);
          warnUnless(session.isExpired(clock.instant()));
          return;
        }
      }
    }
    throw Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        1, "the memory store is full of sessions that are all in use; try again in a moment");
  }

  int size() {
    return sessions.size();
  }

  List<String> keys() {
    return List.copyOf(sessions.keySet());
  }

  /** It is here no longer, and nobody is told. */
  void release(MemorySession session) {
    sessions.remove(session.key());
    inUse.remove(session.key());
    index.remove(session);
  }

  private boolean isExpired(MemorySession session, Instant now) {
    return session.isExpired(now) && !pinned.test(session);
  }

  private void forgotten(MemorySession session, SessionChanged.Change why) {
    inUse.remove(session.key());
    index.remove(session);
    if (session.isKept()) {
      tell(session, why);
    }
  }

  private void tell(MemorySession session, SessionChanged.Change change) {
    changes.accept(new SessionChanged(session.id(), session.tenant(), change));
  }

  /** Nobody misses a session whose time was over anyway. */
  private void warnUnless(boolean expired) {
    Instant now = clock.instant();
    boolean due = lastWarning == null || !lastWarning.plus(WARNING_INTERVAL).isAfter(now);
    if (!expired && due) {
      lastWarning = now;
      log.warn(
          "the memory store is full ({} sessions per instance): the oldest idle sessions are dropped; "
              + "raise CONSOUL_MEMORY_MAX_SESSIONS or lower CONSOUL_SESSION_TTL",
          max);
    }
  }

  /** Nobody's time has passed while nobody could do anything. */
  private void excuseStandstill() {
    Instant now = clock.instant();
    if (lastTick != null && lastTick.plus(STANDSTILL).isBefore(now)) {
      inUse.values().forEach(session -> session.pending().renew(now.plus(lease)));
      lastTick = now;
    }
  }
}
