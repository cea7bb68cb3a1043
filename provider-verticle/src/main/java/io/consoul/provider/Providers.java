package io.consoul.provider;

import io.consoul.node.Node;
import io.consoul.provider.call.CallMeters;
import io.consoul.provider.health.Healths;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * The providers of a JVM, as they are configured now, and what all its provider instances share of them. A changed
 * configuration is taken over while turns are in progress: those end with what they have begun with.
 */
public final class Providers {

  /** Counted by model, whoever gave them. */
  private static final String TOKENS = "consoul_token_usage";

  private final MeterRegistry meters;
  private final Healths healths;
  private final List<Function<ProviderConfig, Future<Void>>> instances =
      new CopyOnWriteArrayList<>();

  /** Done when the last change has reached every instance: the next one waits for that. */
  private Future<Void> last = Future.succeededFuture();

  private volatile ProviderConfig config;

  /** Whether that has reached every instance. Changed by one change at a time. */
  private volatile boolean whole = true;

  private Providers(ProviderConfig config, MeterRegistry meters, Healths healths) {
    this.config = config;
    this.meters = meters;
    this.healths = healths;
  }

  /** Whoever opens them closes them when the instances have stopped. */
  public static Future<Providers> open(Vertx vertx, ProviderConfig config, Node node) {
    return Healths.open(vertx, node, config.breaker(), config.retry(), config.callLimits())
        .map(healths -> new Providers(config, node.meters(), healths));
  }

  /**
   * What may change while they run is from now on as it is in there; the rest of it is passed over. On any thread.
   *
   * @return succeeds when no new turn of this JVM has the old ones any more
   */
  public synchronized Future<Void> apply(ProviderConfig wanted) {
    last = last.transform(before -> take(config.changedTo(wanted)));
    return last;
  }

  /** To be called when no instance uses them any more. */
  public Future<Void> close() {
    return healths.close();
  }

  ProviderConfig config() {
    return config;
  }

  Healths healths() {
    return healths;
  }

  /** @param instance takes over a changed configuration, whichever thread it is told on */
  void join(Function<ProviderConfig, Future<Void>> instance) {
    instances.add(instance);
  }

  void leave(Function<ProviderConfig, Future<Void>> instance) {
    instances.remove(instance);
  }

  private Future<Void> take(ProviderConfig changed) {
    ProviderConfig before = config;
    if (changed.equals(before) && whole) {
      return Future.succeededFuture();
    }
    // First: an instance that has the new ones asks for the health of each.
    healths.change(
        changed.breaker(), changed.retry(), changed.callLimits(), others(before, changed));
    config = changed;
    return Future.join(instances.stream().map(each -> each.apply(changed)).toList())
        .transform(told -> {
          whole = told.succeeded();
          forget(changed);
          return told.succeeded() ? Future.succeededFuture() : Future.failedFuture(told.cause());
        });
  }

  /** The names behind which another server is now, or another account. */
  private static Set<String> others(ProviderConfig before, ProviderConfig after) {
    Map<String, Upstream> known = new HashMap<>();
    before.upstreams().forEach(upstream -> known.put(upstream.name(), upstream));
    Set<String> others = new HashSet<>();
    for (Upstream upstream : after.upstreams()) {
      Upstream old = known.get(upstream.name());
      if (old != null && !old.isSameServer(upstream)) {
        others.add(upstream.name());
      }
    }
    return others;
  }

  /** What was counted of providers and models that are gone would stay for ever, and with every change there would be more. */
  private void forget(ProviderConfig now) {
    Map<String, Set<String>> models = new HashMap<>();
    now.upstreams().forEach(upstream -> models.put(upstream.name(), upstream.namedModels()));
    for (Meter meter : meters.getMeters()) {
      // Gauges go with what they show.
      if (!(meter instanceof Gauge) && isGone(meter.getId(), models)) {
        meters.remove(meter);
      }
    }
  }

  /** @param models that are known by name, by their provider */
  private static boolean isGone(Meter.Id meter, Map<String, Set<String>> models) {
    String provider = meter.getTag("provider");
    String model = meter.getTag("model");
    boolean ofOneModel = model != null && !model.equals(CallMeters.OTHER);
    if (provider != null) {
      Set<String> known = models.get(provider);
      return known == null || ofOneModel && !known.contains(model);
    }
    return ofOneModel
        && meter.getName().equals(TOKENS)
        && models.values().stream().noneMatch(known -> known.contains(model));
  }
}
