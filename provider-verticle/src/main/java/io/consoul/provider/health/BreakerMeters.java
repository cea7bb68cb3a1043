package io.consoul.provider.health;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What is counted about the breaker of one provider. There from the start, with 0. */
final class BreakerMeters {

  private final MeterRegistry registry;
  private final Gauge state;
  private final Counter trips;
  private final Counter rejections;

  BreakerMeters(MeterRegistry registry, String provider, Breaker breaker) {
    this.registry = registry;
    state = Gauge.builder("consoul.circuit.breaker.state", breaker, Breaker::level)
        .description("0 closed, 1 half-open, 2 open or not yet asked since")
        .tag("provider", provider)
        .register(registry);
    trips = Counter.builder("consoul.circuit.breaker.trips")
        .description("how often the breaker has opened")
        .tag("provider", provider)
        .register(registry);
    rejections = Counter.builder("consoul.circuit.breaker.rejections")
        .description("calls that the breaker refused")
        .tag("provider", provider)
        .register(registry);
  }

  void tripped() {
    trips.increment();
  }

  void rejected() {
    rejections.increment();
  }

  /** The breaker is gone, and the gauge would show it for ever; what was counted stays. */
  void close() {
    registry.remove(state);
  }
}
