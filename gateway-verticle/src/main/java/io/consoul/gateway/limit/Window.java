package io.consoul.gateway.limit;

import java.time.Duration;
import java.util.List;

/**
 * One rate limit.
 *
 * @param limit how much may be charged within the length
 * @param whole of which that is a share: decides how charges are kept, so that a share that grows does not lose any
 */
public record Window(int limit, Duration length, int whole) {

  private record Unit(String name, long seconds) {}

  private static final List<Unit> UNITS = List.of(
      new Unit("day", 86_400),
      new Unit("hour", 3_600),
      new Unit("minute", 60),
      new Unit("second", 1));

  public Window(int limit, Duration length) {
    this(limit, length, limit);
  }

  /** What one of so many who share the limit without knowing of each other may have, at least 1. */
  Window share(int parts) {
    return parts <= 1 ? this : new Window((limit - 1) / parts + 1, length, whole);
  }

  /** As people write it, such as {@code 10 per 5 minutes}. */
  @Override
  public String toString() {
    long seconds = length.toSeconds();
    Unit unit =
        UNITS.stream().filter(each -> seconds % each.seconds == 0).findFirst().orElseThrow();
    long units = seconds / unit.seconds;
    return limit + " per " + (units == 1 ? unit.name : units + " " + unit.name + "s");
  }
}
