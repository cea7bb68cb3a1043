package io.consoul.provider.call;

import io.consoul.provider.Upstream;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import io.vertx.core.shareddata.Shareable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;

/**
 * The trunks of one provider in this JVM, with the gauges of all together: one, and besides it those of the configuration
 * before, until their last calls are over.
 */
final class Trunks implements Shareable {

  private static final String MAP = "consoul.provider.trunks";

  private final String provider;
  private final MeterRegistry meters;
  private final List<Gauge> gauges;

  /** Changed in the map's own steps only; the newest is the last. */
  private final List<Trunk> all = new CopyOnWriteArrayList<>();

  private long made;

  private Trunks(String provider, MeterRegistry meters) {
    this.provider = provider;
    this.meters = meters;
    gauges = List.of(
        gauge(
            "in_use",
            "Calls to this provider that are under way",
            each -> each.sum(trunk -> trunk.slots().inUse())),
        gauge(
            "idle",
            "Open connections without a call",
            each -> each.sum(trunk -> trunk.connections().idle())),
        gauge(
            "waiting",
            "Calls that wait for their turn",
            each -> each.sum(trunk -> trunk.slots().waiting())),
        gauge("max", "Calls that this provider gets at once", Trunks::max));
  }

  /** The one for this provider as it is configured now; to be left as often as it was joined. */
  static Trunk join(Vertx vertx, Upstream upstream, MeterRegistry meters) {
    AtomicReference<Trunk> joined = new AtomicReference<>();
    map(vertx).compute(upstream.name(), (name, known) -> {
      Trunks trunks = known == null ? new Trunks(name, meters) : known;
      joined.set(trunks.take(upstream));
      return trunks;
    });
    return joined.get();
  }

  /** The last one who leaves the last of them takes the gauges along. */
  static void leave(Vertx vertx, Upstream upstream, Trunk trunk) {
    map(vertx).computeIfPresent(upstream.name(), (name, trunks) -> trunks.give(trunk));
  }

  private Trunk take(Upstream upstream) {
    Trunk taken = all.stream()
        .filter(trunk -> trunk.leadsTo(upstream))
        .findFirst()
        .orElseGet(() -> new Trunk("consoul.provider." + provider + "#" + ++made, upstream));
    taken.users++;
    all.remove(taken);
    all.add(taken);
    return taken;
  }

  /** Null when nobody is left. */
  private Trunks give(Trunk trunk) {
    if (--trunk.users > 0) {
      return this;
    }
    all.remove(trunk);
    if (!all.isEmpty()) {
      return this;
    }
    gauges.forEach(meters::remove);
    return null;
  }

  private double sum(ToDoubleFunction<Trunk> number) {
    return all.stream().mapToDouble(number).sum();
  }

  private double max() {
    return all.isEmpty() ? 0 : all.get(all.size() - 1).slots().max();
  }

  private Gauge gauge(String what, String description, ToDoubleFunction<Trunks> number) {
    return Gauge.builder("consoul_provider_connections_" + what, this, number)
        .description(description)
        .tag("provider", provider)
        .register(meters);
  }

  private static LocalMap<String, Trunks> map(Vertx vertx) {
    return vertx.sharedData().getLocalMap(MAP);
  }
}
