package io.consoul.provider.health;

import io.consoul.config.ConfigReader;
import java.time.Duration;

/**
 * When a provider that fails is left alone.
 *
 * @param failureThreshold failures in a row that open the breaker
 * @param successThreshold successes that close it again
 * @param timeout from opening to the first probe
 * @param halfOpenMaxCalls probes at a time, of all nodes together
 */
public record BreakerConfig(
    boolean enabled,
    int failureThreshold,
    int successThreshold,
    Duration timeout,
    int halfOpenMaxCalls) {

  /** The section {@code circuitBreaker}. */
  public static BreakerConfig from(ConfigReader section) {
    BreakerConfig config = new BreakerConfig(
        section.flag("enabled", "CONSOUL_CIRCUIT_BREAKER_ENABLED", true),
        section.integer(
            "failureThreshold", "CONSOUL_CIRCUIT_BREAKER_FAILURE_THRESHOLD", 5, 1, 1_000),
        section.integer(
            "successThreshold", "CONSOUL_CIRCUIT_BREAKER_SUCCESS_THRESHOLD", 3, 1, 1_000),
        section.seconds("timeoutSeconds", "CONSOUL_CIRCUIT_BREAKER_TIMEOUT", 60, 0.1, 86_400),
        section.integer(
            "halfOpenMaxCalls", "CONSOUL_CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS", 3, 1, 1_000));
    section.closed();
    return config;
  }
}
