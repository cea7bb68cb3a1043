package io.consoul.provider.call;

import io.consoul.provider.Upstream;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import io.vertx.core.shareddata.Shareable;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What all instances of a JVM share of one provider: its slots, its connections, and the gauges of both. */
final class Trunk {

  private static final String MAP = "consoul.provider.trunks";

  private record Shared(Trunk trunk, int users) implements Shareable {}

  private final MeterRegistry meters;
  private final Slots slots;
  private final Connections connections;
  private final int maxOpen;
  private final List<Gauge> gauges;

  private Trunk(Upstream upstream, MeterRegistry meters) {
    Upstream.Pool pool = upstream.pool();
    this.meters = meters;
    slots = new Slots(pool.maxConnections(), pool.maxWaiting());
    connections = new Connections(pool.maxIdle());
    maxOpen = HttpSettings.maxOpen(pool);
    String provider = upstream.name();
    gauges = List.of(
        gauge(
            provider, "in_use", "Calls to this provider that are under way", t -> t.slots.inUse()),
        gauge(provider, "idle", "Open connections without a call", t -> t.connections.idle()),
        gauge(provider, "waiting", "Calls that wait for their turn", t -> t.slots.waiting()),
        gauge(provider, "max", "Calls that this provider gets at once", t -> t.slots.max()));
  }

  /** The one of this provider; to be left as often as it was joined. */
  static Trunk join(Vertx vertx, Upstream upstream, MeterRegistry meters) {
    return map(vertx)
        .compute(
            upstream.name(),
            (name, shared) -> shared == null
                ? new Shared(new Trunk(upstream, meters), 1)
                : new Shared(shared.trunk, shared.users + 1))
        .trunk;
  }

  /** The last one who leaves takes the gauges along. */
  static void leave(Vertx vertx, Upstream upstream) {
    map(vertx).computeIfPresent(upstream.name(), (name, shared) -> {
      if (shared.users > 1) {
        return new Shared(shared.trunk, shared.users - 1);
      }
      shared.trunk.gauges.forEach(shared.trunk.meters::remove);
      return null;
    });
  }

  Slots slots() {
    return slots;
  }

  Connections connections() {
    return connections;
  }

  /** Whether there are as many connections as there may be. */
  boolean isFull() {
    return connections.open() >= maxOpen;
  }

  private Gauge gauge(
      String provider, String what, String description, ToDoubleFunction<Trunk> number) {
    return Gauge.builder("consoul_provider_connections_" + what, this, number)
        .description(description)
        .tag("provider", provider)
        .register(meters);
  }

  private static LocalMap<String, Shared> map(Vertx vertx) {
    return vertx.sharedData().getLocalMap(MAP);
  }
}
