package io.consoul.provider.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.provider.health.RetryConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A turn that waits for a provider")
class WaitsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LONGEST = Duration.ofSeconds(20);

  @Test
  @DisplayName("waits as long as the provider wants, up to a limit for all of it together")
  void holds() {
    Waits waits = waits(Duration.ofMinutes(5));
    assertThat(waits.beforeRetry(1, Duration.ofSeconds(12)).orElseThrow())
        .isGreaterThanOrEqualTo(Duration.ofSeconds(12));
    assertThat(waits.forHold(Duration.ofSeconds(9))).isEmpty();
    assertThat(waits.forHold(Duration.ofSeconds(8))).isPresent();
    assertThat(waits.forHold(Duration.ofMillis(1))).isEmpty();
    assertThat(waits.beforeRetry(2, null)).as("a pause of its own is no hold").isPresent();
  }

  @Test
  @DisplayName("does not wait beyond its deadline")
  void deadline() {
    Waits waits = waits(Duration.ofSeconds(3));
    assertThat(waits.forHold(Duration.ofSeconds(4))).isEmpty();
    assertThat(waits.beforeRetry(9, null)).isEmpty();
    assertThat(waits.beforeRetry(1, Duration.ofSeconds(1))).isPresent();
  }

  private static Waits waits(Duration left) {
    RetryConfig config =
        new RetryConfig(5, Duration.ofMillis(500), Duration.ofSeconds(8), LONGEST, 20, 10);
    return new Waits(
        new Backoff(config, new Random(1)), LONGEST, NOW.plus(left), InstantSource.fixed(NOW));
  }
}
