package io.consoul.provider.course;

import io.consoul.provider.health.RetryConfig;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before a provider is asked again: twice as long every time, and never at the same moment as everybody else. */
final class Backoff {

  private final RetryConfig config;
  private final RandomGenerator random;

  Backoff(RetryConfig config, RandomGenerator random) {
    this.config = config;
    this.random = random;
  }

  /** @param retry which one it is, from 1 */
  Duration before(int retry) {
    long pause = config.firstPause().toMillis() << Math.min(retry - 1, 20);
    long limited = Math.min(pause, config.longestPause().toMillis());
    return Duration.ofMillis(limited - random.nextLong(limited / 2 + 1));
  }

  /** What a provider has asked for, and a little more, or all would come back in the same moment. */
  Duration after(Duration hold) {
    return hold.plusMillis(random.nextLong(Math.min(hold.toMillis() / 4, 1_000) + 1));
  }
}
