package io.consoul.gateway.limit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts who was refused; the tiers show from the start. */
final class LimitMeters {

  private static final String NO_TIER = "default";

  private final MeterRegistry registry;
  private final Map<String, Counter> refused = new ConcurrentHashMap<>();

  LimitMeters(MeterRegistry registry, LimitConfig config) {
    this.registry = registry;
    refused(null);
    config.tiers().keySet().forEach(this::refused);
  }

  /** @param tier that is configured, or null */
  Counter refused(String tier) {
    return refused.computeIfAbsent(
        tier == null ? NO_TIER : tier,
        name -> Counter.builder("consoul.rate.limited")
            .description("Requests and messages that were refused because a rate limit was used up")
            .tag("tier", name)
            .register(registry));
  }

  /** Whether Redis is there for the limits. */
  void show(NodeLimits limits) {
    Gauge.builder("consoul.redis.up", limits, all -> all.place() == NodeLimits.Place.REDIS ? 1 : 0)
        .description("1 while the Redis of this use answers")
        .tag("use", "rate_limit")
        .strongReference(true)
        .register(registry);
  }
}
