package io.consoul.provider.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The retry budget of a provider")
class RetryBudgetTest {

  private final ManualClock clock = new ManualClock();
  private final RetryBudget budget = budget(20, 10);

  private RetryBudget budget(int percent, int reserve) {
    Duration any = Duration.ofSeconds(1);
    return new RetryBudget(new RetryConfig(2, any, any, any, percent, reserve), clock);
  }

  private long take(RetryBudget budget, int times) {
    return IntStream.range(0, times).filter(i -> budget.take()).count();
  }

  @Test
  @DisplayName("lets a quiet server retry ten times in ten seconds")
  void reserve() {
    clock.advance(Duration.ofMillis(900));
    assertThat(take(budget, 100)).isEqualTo(10);
    clock.advance(Duration.ofMillis(9_999));
    assertThat(take(budget, 100)).isZero();

    clock.advance(Duration.ofSeconds(1));
    assertThat(take(budget, 100)).isEqualTo(10);
  }

  @Test
  @DisplayName(
      "lets a thousand calls that all fail retry two hundred and ten times, not two thousand")
  void outage() {
    long retries = 0;
    for (int call = 0; call < 1_000; call++) {
      budget.asked();
      retries += take(budget, 2);
    }

    assertThat(retries).isEqualTo(210);
  }

  @Test
  @DisplayName("is never above a fifth of the calls and ten, in any ten seconds of a long outage")
  void anyTenSeconds() {
    Random random = new Random(1);
    Deque<Long> calls = new ArrayDeque<>();
    Deque<Long> retries = new ArrayDeque<>();
    for (int step = 0; step < 20_000; step++) {
      clock.advance(Duration.ofMillis(random.nextInt(20)));
      long now = clock.millis();
      budget.asked();
      calls.add(now);
      while (budget.take()) {
        retries.add(now);
      }
      retries.removeIf(time -> time <= now - 10_000);
      calls.removeIf(time -> time <= now - 11_000);
      assertThat(retries.size()).isLessThanOrEqualTo(calls.size() / 5 + 10);
    }
  }

  @Test
  @DisplayName("saves nothing up for an outage in a long time without one")
  void nothingIsSaved() {
    IntStream.range(0, 100_000).forEach(i -> budget.asked());
    clock.advance(Duration.ofSeconds(11));

    assertThat(take(budget, 1_000)).isEqualTo(10);
  }

  @Test
  @DisplayName("can be nothing at all")
  void none() {
    RetryBudget none = budget(0, 0);
    none.asked();

    assertThat(none.take()).isFalse();
  }

  @Test
  @DisplayName("is not lost when the clock is put back")
  void clockPutBack() {
    assertThat(take(budget, 10)).isEqualTo(10);
    clock.advance(Duration.ofHours(-5));
    assertThat(budget.take()).isFalse();
    clock.advance(Duration.ofSeconds(11));

    assertThat(take(budget, 100)).isEqualTo(10);
  }
}
