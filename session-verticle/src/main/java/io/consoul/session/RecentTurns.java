package io.consoul.session;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The turns that this instance acknowledged of late, whole: a Redis that comes back without its last writes is offered them
 * again. Each is held once, as it was told last. Bounded in time, number and size; confined to one event loop.
 */
final class RecentTurns {

  private static final Duration KEPT = Duration.ofSeconds(120);
  private static final int MAX_TURNS = 10_000;
  private static final long MAX_CHARS = 16L * 1024 * 1024;

  private record Recent(AcknowledgedTurn turn, Instant since) {}

  private final InstantSource clock;

  /** The oldest first. */
  private final Map<TurnKey, Recent> turns = new LinkedHashMap<>();

  private long chars;
  private boolean frozen;

  RecentTurns(InstantSource clock) {
    this.clock = clock;
  }

  void add(AcknowledgedTurn turn) {
    TurnKey key = new TurnKey(turn.origin().tenant(), turn.id());
    Recent before = turns.remove(key);
    turns.put(key, new Recent(turn, clock.instant()));
    chars += turn.size() - (before == null ? 0 : before.turn().size());
    purge();
  }

  /** Its turns must not come back. */
  void forget(String sessionKey) {
    turns.values().removeIf(recent -> {
      boolean of = recent.turn().sessionKey().equals(sessionKey);
      chars -= of ? recent.turn().size() : 0;
      return of;
    });
  }

  /** Nothing grows old while Redis is away: what it may have lost is what it was told before. */
  void freeze() {
    frozen = true;
  }

  void thaw() {
    frozen = false;
  }

  /** By session, each one's in their order. */
  Map<String, List<AcknowledgedTurn>> bySession() {
    purge();
    Map<String, List<AcknowledgedTurn>> sessions = new LinkedHashMap<>();
    turns
        .values()
        .forEach(recent -> sessions
            .computeIfAbsent(recent.turn().sessionKey(), key -> new ArrayList<>())
            .add(recent.turn()));
    sessions.values().forEach(all -> all.sort(AcknowledgedTurn.IN_ORDER)); // told again, they move
    return sessions;
  }

  int size() {
    return turns.size();
  }

  /** To be called now and then, so that memory is given back when nothing is said. */
  void purge() {
    Instant limit = clock.instant().minus(KEPT);
    Iterator<Recent> oldest = turns.values().iterator();
    while (oldest.hasNext()) {
      Recent recent = oldest.next();
      if (turns.size() <= MAX_TURNS
          && chars <= MAX_CHARS
          && (frozen || !recent.since().isBefore(limit))) {
        return;
      }
      oldest.remove();
      chars -= recent.turn().size();
    }
  }
}
