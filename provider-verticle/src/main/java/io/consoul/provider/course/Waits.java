package io.consoul.provider.course;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** How long one turn waits before it asks a provider again. Holds add up; a turn does not wait beyond its deadline. */
final class Waits {

  private final Backoff backoff;
  private final Duration longestHold;
  private final Instant deadline;
  private final InstantSource clock;

  /** What it has waited already because providers wanted to be left alone. */
  private Duration waited = Duration.ZERO;

  Waits(Backoff backoff, Duration longestHold, Instant deadline, InstantSource clock) {
    this.backoff = backoff;
    this.longestHold = longestHold;
    this.deadline = deadline;
    this.clock = clock;
  }

  /**
   * The pause before a retry, or nothing when it would be too long.
   *
   * @param retry which one it is, from 1
   * @param wanted by the provider, or null
   */
  Optional<Duration> beforeRetry(int retry, Duration wanted) {
    Duration pause = backoff.before(retry);
    if (wanted != null && wanted.compareTo(pause) > 0) {
      return forHold(wanted);
    }
    return isInTime(pause) ? Optional.of(pause) : Optional.empty();
  }

  /** The pause until a provider wants to be asked again, and a little more; nothing when it would be too long. */
  Optional<Duration> forHold(Duration hold) {
    Duration all = waited.plus(hold);
    Duration pause = backoff.after(hold);
    if (all.compareTo(longestHold) > 0 || !isInTime(pause)) {
      return Optional.empty();
    }
    waited = all;
    return Optional.of(pause);
  }

  private boolean isInTime(Duration pause) {
    return clock.instant().plus(pause).isBefore(deadline);
  }
}
