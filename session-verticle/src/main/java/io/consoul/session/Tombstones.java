package io.consoul.session;

import io.consoul.fault.Fault;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The turns that ran when their session was deleted: whoever still believes in one must neither run it again nor write to a
 * new session of the same name. Bounded in number and in time; confined to one event loop.
 */
final class Tombstones {

  private static final Duration KEPT = Duration.ofMinutes(10);
  private static final int MAX = 10_000;

  private final InstantSource clock;

  /** Until when, the oldest first. */
  private final Map<TurnKey, Instant> turns = new LinkedHashMap<>();

  Tombstones(InstantSource clock) {
    this.clock = clock;
  }

  void add(TurnKey turn) {
    purge();
    if (turns.size() >= MAX) {
      Iterator<TurnKey> oldest = turns.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    turns.put(turn, clock.instant().plus(KEPT));
  }

  /** @throws io.consoul.fault.FaultException E100 when this turn's session was deleted under it */
  void refuse(TurnKey turn) {
    Instant until = turns.get(turn);
    if (until != null && until.isAfter(clock.instant())) {
      throw Fault.SESSION_NOT_FOUND.because("the session of this turn was deleted");
    }
  }

  void purge() {
    Instant now = clock.instant();
    Iterator<Instant> oldest = turns.values().iterator();
    while (oldest.hasNext() && !oldest.next().isAfter(now)) {
      oldest.remove();
    }
  }

  int size() {
    return turns.size();
  }
}
