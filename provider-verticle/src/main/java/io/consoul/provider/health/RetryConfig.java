package io.consoul.provider.health;

import io.consoul.config.ConfigReader;
import java.time.Duration;

/**
 * How often the same provider is asked again before the first word, and how fast.
 *
 * @param maxRetries of one target in one turn
 * @param firstPause before the first retry; doubled for every further one, with a random part
 * @param longestPause of those
 * @param longestHold that a turn waits, in all, for a provider which says when it wants to be asked again; a longer one is a
 *     failure at once
 * @param budgetPercent retries for a hundred calls
 * @param budgetReserve retries that are free in every ten seconds, so that a quiet server can retry too
 */
public record RetryConfig(
    int maxRetries,
    Duration firstPause,
    Duration longestPause,
    Duration longestHold,
    int budgetPercent,
    int budgetReserve) {

  /** The section {@code retry}. */
  public static RetryConfig from(ConfigReader section) {
    RetryConfig config = new RetryConfig(
        section.integer("maxRetries", "CONSOUL_PROVIDER_MAX_RETRIES", 2, 0, 20),
        section.millis("firstPauseMillis", "CONSOUL_PROVIDER_RETRY_FIRST_PAUSE_MS", 500, 1, 60_000),
        section.millis(
            "longestPauseMillis", "CONSOUL_PROVIDER_RETRY_LONGEST_PAUSE_MS", 8_000, 1, 600_000),
        section.seconds("longestHoldSeconds", "CONSOUL_PROVIDER_RETRY_LONGEST_HOLD", 20, 0, 3_600),
        section.integer("budgetPercent", "CONSOUL_PROVIDER_RETRY_BUDGET_PERCENT", 20, 0, 100),
        section.integer("budgetReserve", "CONSOUL_PROVIDER_RETRY_BUDGET_RESERVE", 10, 0, 10_000));
    section.closed();
    return config;
  }
}
