package io.consoul.provider.course;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.provider.health.RetryConfig;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The pause before a provider is asked again")
class BackoffTest {

  private final Backoff backoff = new Backoff(
      new RetryConfig(
          5, Duration.ofMillis(500), Duration.ofSeconds(8), Duration.ofSeconds(20), 20, 10),
      new Random(1));

  @Test
  @DisplayName("doubles up to its limit, with a random part of at most a half")
  void doubles() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(backoff.before(1).toMillis()).isBetween(250L, 500L);
      assertThat(backoff.before(2).toMillis()).isBetween(500L, 1_000L);
      assertThat(backoff.before(5).toMillis()).isBetween(4_000L, 8_000L);
      assertThat(backoff.before(60).toMillis()).isBetween(4_000L, 8_000L);
    }
    assertThat(backoff.before(1)).isNotEqualTo(backoff.before(1));
  }

  @Test
  @DisplayName("is never shorter than the provider asks for, and not the same for all")
  void asked() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(backoff.after(Duration.ofSeconds(2)).toMillis()).isBetween(2_000L, 2_500L);
      assertThat(backoff.after(Duration.ofMinutes(1)).toMillis()).isBetween(60_000L, 61_000L);
    }
  }
}
