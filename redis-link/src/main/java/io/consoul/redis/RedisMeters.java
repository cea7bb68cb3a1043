package io.consoul.redis;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Shows the traffic of one use of a Redis, from the first instance that has this use to the last. */
final class RedisMeters {

  private final MeterRegistry registry;
  private final RedisUse use;
  private final RedisTraffic traffic;
  private final List<Gauge> gauges;

  RedisMeters(MeterRegistry registry, RedisUse use, RedisTraffic traffic, int maxConnections) {
    this.registry = registry;
    this.use = use;
    this.traffic = traffic;
    gauges = List.of(
        gauge("in_use", "Connections to this Redis with a command under way", RedisTraffic::inUse),
        gauge("idle", "Connections to this Redis without a command", RedisTraffic::idle),
        gauge("waiting", "Commands to this Redis without an answer", RedisTraffic::waiting),
        gauge("max", "Connections that this Redis gets at most", all -> maxConnections));
  }

  void close() {
    gauges.forEach(registry::remove);
  }

  private Gauge gauge(String what, String description, ToDoubleFunction<RedisTraffic> number) {
    return Gauge.builder("consoul_redis_connections_" + what, traffic, number)
        .description(description)
        .tag("use", use.name())
        .strongReference(true)
        .register(registry);
  }
}
