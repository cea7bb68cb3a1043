package io.consoul.redis;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long Redis is left alone while it is down, and how long it must work before it is used again: twice as long when it
 * went down again soon. Belongs to one context, but for {@link #retryAfterSeconds}.
 */
final class RedisPatience {

  private static final Duration RELAPSE = Duration.ofSeconds(60);
  private static final long RETRY_MILLIS = 200;
  private static final long MAX_RETRY_MILLIS = 2_000;
  private static final long MAX_RETRY_AFTER_SECONDS = 3_600;

  private final RedisConfig.Fallback fallback;
  private final RedisPace pace;
  private final RandomGenerator random;
  private Duration moment;
  private long downSince;
  private long upSince = System.nanoTime() - RELAPSE.toNanos();
  private int tries;
  private volatile long backAt = System.nanoTime();

  RedisPatience(RedisConfig.Fallback fallback, RedisPace pace, RandomGenerator random) {
    this.fallback = fallback;
    this.pace = pace;
    this.random = random;
    moment = pace.moment();
  }

  void down() {
    downSince = System.nanoTime();
    tries = 0;
    boolean relapse = downSince - upSince < RELAPSE.toNanos();
    moment = relapse ? shorter(moment.multipliedBy(2), pace.maxMoment()) : pace.moment();
  }

  /** @return how long it was down */
  Duration back() {
    upSince = System.nanoTime();
    return Duration.ofNanos(upSince - downSince);
  }

  /** For which it must work. */
  Duration moment() {
    return moment;
  }

  /**
   * Until the next try. Where something stands in for Redis there is no hurry; else requests fail until it is back, and the
   * sooner the better.
   */
  long pauseMillis() {
    tries++;
    long millis;
    if (fallback.enabled()) {
      double share = 0.8 + 0.4 * random.nextDouble();
      millis = (long) (fallback.reconnectInterval().toMillis() * share);
    } else {
      long longest = Math.min(MAX_RETRY_MILLIS, RETRY_MILLIS << Math.min(10, tries));
      millis = random.nextLong(RETRY_MILLIS, longest + 1);
    }
    backAt = System.nanoTime() + Duration.ofMillis(millis).plus(moment).toNanos();
    return millis;
  }

  /** Whole seconds until it may be back, at least 1. On any thread. */
  int retryAfterSeconds() {
    long left = backAt - System.nanoTime();
    return (int)
        Math.max(1, Math.min(MAX_RETRY_AFTER_SECONDS, (left + 999_999_999L) / 1_000_000_000L));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
