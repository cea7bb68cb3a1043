package io.consoul.redis;

import java.time.Duration;

/**
 * How patient a watch over Redis is.
 *
 * @param heartbeat between two probes while all is well
 * @param suspicion how long Redis may fail before it counts as down
 * @param moment for which it must work before it counts as back
 * @param maxMoment the longest that becomes of it when Redis does not stay
 */
public record RedisPace(
    Duration heartbeat, Duration suspicion, Duration moment, Duration maxMoment) {

  static RedisPace of(RedisConfig config) {
    Duration two = Duration.ofSeconds(2);
    return new RedisPace(
        Duration.ofSeconds(5),
        config.commandTimeout().compareTo(two) > 0 ? config.commandTimeout() : two,
        Duration.ofSeconds(1),
        Duration.ofMinutes(1));
  }
}
