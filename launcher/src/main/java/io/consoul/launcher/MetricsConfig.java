package io.consoul.launcher;

import io.consoul.config.ConfigReader;
import java.util.Optional;

/**
 * Section {@code metrics} of conf/node.json: what is measured, for Prometheus, on a port of its own.
 *
 * @param host empty for the address that the gateway listens on
 * @param port 0 for any that is free
 */
public record MetricsConfig(boolean enabled, Optional<String> host, int port) {

  static final int DEFAULT_PORT = 9_090;

  /** Reads the section and closes it. */
  static MetricsConfig from(ConfigReader section) {
    MetricsConfig config = new MetricsConfig(
        section.flag(
            "enabled",
            section.either("CONSOUL_OBSERVABILITY_PROMETHEUS_ENABLED", "CONSOUL_METRICS_ENABLED"),
            true),
        section.text("host", "CONSOUL_METRICS_HOST"),
        section.integer(
            "port",
            section.either("CONSOUL_OBSERVABILITY_METRICS_PORT", "CONSOUL_METRICS_PORT"),
            DEFAULT_PORT,
            0,
            65_535));
    section.closed();
    return config;
  }

  /**
   * Whether somebody has chosen the port. Where nobody has, there may be a second server on the machine, or Prometheus itself
   * whose port this is, and neither is a reason not to serve.
   */
  boolean isChosen() {
    return port != DEFAULT_PORT;
  }
}
