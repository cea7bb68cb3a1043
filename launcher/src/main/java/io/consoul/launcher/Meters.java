package io.consoul.launcher;

import io.consoul.launcher.logging.LogQueue;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.logging.LogbackMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;

/** The meters of this process: the JVM's own from the start, those of the verticles as they register them. */
final class Meters implements AutoCloseable {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collector = new JvmGcMetrics();
  private final LogbackMetrics log = new LogbackMetrics();

  /** Null until there are event loops. */
  private EventLoopLag lag;

  Meters() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    collector.bindTo(registry);
    log.bindTo(registry);
    FunctionCounter.builder("consoul_log_lines_dropped", this, same -> LogQueue.droppedInAll())
        .description(
            "Lines of the log that were dropped, for they were not taken as fast as they came")
        .register(registry);
  }

  /** Measures the event loops, too. */
  void watch(Vertx vertx) {
    lag = new EventLoopLag(vertx, registry, EventLoopLag.BLOCKED);
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  @Override
  public void close() {
    if (lag != null) {
      lag.close();
    }
    log.close();
    collector.close();
    registry.close();
  }
}
