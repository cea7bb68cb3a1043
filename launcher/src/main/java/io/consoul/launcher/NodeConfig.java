package io.consoul.launcher;

import io.consoul.config.ConfigReader;
import io.consoul.message.Kind;
import java.time.Duration;

/**
 * conf/node.json: what belongs to the process.
 *
 * @param eventLoops threads that the verticles share
 * @param workerPoolSize threads for what blocks
 * @param cluster whether the node joins the others that cluster.xml names
 * @param verticles the kinds that run in it
 * @param eventBus with what the nodes of a cluster know each other
 * @param metrics what is measured, and where it is read
 * @param tracing whether traces are recorded, and where they are sent to
 * @param reloadInterval between two looks whether a file of the configuration has changed; zero for never
 * @param shutdownTimeout how long turns in progress may go on after Ctrl-C or SIGTERM
 */
public record NodeConfig(
    int eventLoops,
    int workerPoolSize,
    boolean cluster,
    VerticleList verticles,
    EventBusConfig eventBus,
    MetricsConfig metrics,
    TracingConfig tracing,
    Duration reloadInterval,
    Duration shutdownTimeout,
    LogLevel logLevel,
    LogFormat logFormat) {

  /** How much is logged. */
  public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  /** For people or for programs. */
  public enum LogFormat {
    TEXT,
    JSON
  }

  public static NodeConfig from(ConfigReader json) {
    boolean cluster = json.flag("cluster", "CONSOUL_CLUSTER", false);
    NodeConfig config = new NodeConfig(
        json.perCore("eventLoops", "CONSOUL_EVENT_LOOPS", 1_024),
        json.integer("workerPoolSize", "CONSOUL_WORKER_POOL_SIZE", 20, 1, 1_024),
        cluster,
        VerticleList.from(json, cluster),
        EventBusConfig.from(json.section("eventBus")),
        MetricsConfig.from(json.section("metrics")),
        TracingConfig.from(json.section("tracing")),
        json.seconds("reloadIntervalSeconds", "CONSOUL_RELOAD_INTERVAL", 2, 0, 3_600),
        json.seconds("shutdownTimeoutSeconds", "CONSOUL_SHUTDOWN_TIMEOUT", 60, 0, 3_600),
        json.choice("logLevel", "CONSOUL_LOG_LEVEL", LogLevel.INFO),
        json.choice("logFormat", "CONSOUL_LOG_FORMAT", LogFormat.TEXT));
    if (!config.verticles().has(Kind.GATEWAY) && !config.metrics().enabled()) {
      json.warn(
          "metrics.enabled",
          "is false and no gateway runs here: nothing serves /health and /ready");
    }
    json.closed();
    return config;
  }
}
