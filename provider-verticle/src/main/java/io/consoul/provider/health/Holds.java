package io.consoul.provider.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long the models of one provider want to be left alone. Safe from every thread. */
final class Holds {

  /** Models at a time; the oldest hold goes when another one comes. */
  static final int MOST = 1_000;

  /** Whoever says that it wants to be left alone for longer is asked again after that. */
  static final Duration LONGEST = Duration.ofDays(1);

  /** The others are told of a longer hold when it is longer by so much: one that answers with "in 20 s" does so all the time. */
  private static final Duration WORTH_TELLING = Duration.ofSeconds(1);

  private record Hold(Duration time, Instant end, Instant told) {}

  private final InstantSource clock;
  private final Map<String, Hold> holds = new LinkedHashMap<>();

  Holds(InstantSource clock) {
    this.clock = clock;
  }

  /** Zero when it does not. */
  synchronized Duration of(String model) {
    Hold hold = holds.get(model);
    if (hold == null) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(clock.instant(), hold.end());
    if (left.isZero() || left.isNegative()) {
      holds.remove(model);
      return Duration.ZERO;
    }
    if (left.compareTo(hold.time()) > 0) { // the clock was put back
      holds.put(model, new Hold(hold.time(), clock.instant().plus(hold.time()), hold.told()));
      return hold.time();
    }
    return left;
  }

  /**
   * A shorter one than there is changes nothing.
   *
   * @return whether the other nodes should know
   */
  synchronized boolean add(String model, Duration time) {
    Duration before = of(model);
    Duration wanted = time.compareTo(LONGEST) > 0 ? LONGEST : time;
    if (wanted.compareTo(before) <= 0) {
      return false;
    }
    Instant end = clock.instant().plus(wanted);
    Hold last = holds.remove(model);
    boolean worthTelling = last == null || !end.isBefore(last.told().plus(WORTH_TELLING));
    if (holds.size() >= MOST) {
      makeRoom();
    }
    holds.put(model, new Hold(wanted, end, worthTelling ? end : last.told()));
    return worthTelling;
  }

  private void makeRoom() {
    Instant now = clock.instant();
    holds.values().removeIf(hold -> !hold.end().isAfter(now));
    if (holds.size() >= MOST) {
      holds.remove(holds.keySet().iterator().next());
    }
  }
}
