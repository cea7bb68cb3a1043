package io.consoul.launcher;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.VertxOptions;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.core.spi.metrics.VertxMetrics;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;
import java.util.UUID;

/** Has Vert.x count in our meters, as far as {@link BoundedMetrics} lets it. */
final class VertxMeters implements VertxMetricsFactory {

  /** None that a caller, an address or the name of a host could fill: their number never grows. */
  private static final EnumSet<Label> LABELS = EnumSet.of(
      Label.EB_SIDE, Label.EB_FAILURE, Label.POOL_TYPE, Label.POOL_NAME, Label.NAMESPACE);

  private final PrometheusMeterRegistry registry;

  VertxMeters(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public VertxMetrics metrics(VertxOptions options) {
    MicrometerMetricsOptions micrometer = new MicrometerMetricsOptions()
        .setEnabled(true)
        // Vert.x keeps one registry per name for the whole process, whatever is given to it later.
        .setRegistryName("consoul-" + UUID.randomUUID())
        .setLabels(LABELS);
    VertxOptions measured = new VertxOptions(options).setMetricsOptions(micrometer);
    return new BoundedMetrics(new MicrometerMetricsFactory(registry).metrics(measured));
  }
}
