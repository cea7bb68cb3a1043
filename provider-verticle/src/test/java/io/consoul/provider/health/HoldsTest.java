package io.consoul.provider.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The holds of a provider's models")
class HoldsTest {

  private final ManualClock clock = new ManualClock();
  private final Holds holds = new Holds(clock);

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  @Test
  @DisplayName("end by themselves, each model's at its own time")
  void end() {
    holds.add("a", seconds(20));
    holds.add("b", seconds(5));
    clock.advance(seconds(5));

    assertThat(holds.of("a")).isEqualTo(seconds(15));
    assertThat(holds.of("b")).isZero();
    assertThat(holds.of("c")).isZero();
  }

  @Test
  @DisplayName("are the longest that was said")
  void longest() {
    holds.add("a", seconds(20));
    holds.add("a", seconds(3));
    holds.add("a", seconds(-3));
    assertThat(holds.of("a")).isEqualTo(seconds(20));

    holds.add("a", seconds(30));
    assertThat(holds.of("a")).isEqualTo(seconds(30));
  }

  @Test
  @DisplayName("begin anew when the clock is put back, and last no longer")
  void clockPutBack() {
    holds.add("a", seconds(20));
    clock.advance(seconds(-3_600));
    assertThat(holds.of("a")).isEqualTo(seconds(20));

    clock.advance(seconds(20));
    assertThat(holds.of("a")).isZero();
  }

  @Test
  @DisplayName("are a day at most")
  void aDay() {
    holds.add("a", Duration.ofSeconds(Long.MAX_VALUE));

    assertThat(holds.of("a")).isEqualTo(Duration.ofDays(1));
  }

  @Test
  @DisplayName("are worth telling when they begin and then once a second at most")
  void worthTelling() {
    assertThat(holds.add("a", seconds(20))).isTrue();
    assertThat(holds.add("a", seconds(10))).isFalse();
    clock.advance(Duration.ofMillis(600));
    assertThat(holds.add("a", seconds(20))).isFalse();
    clock.advance(Duration.ofMillis(400));
    assertThat(holds.add("a", seconds(20))).isTrue();
    clock.advance(seconds(20));
    assertThat(holds.add("a", Duration.ofMillis(50))).isTrue();
    assertThat(holds.add("b", Duration.ZERO)).isFalse();
  }

  @Test
  @DisplayName("are a thousand at most: those that are over go first, then the oldest")
  void bounded() {
    holds.add("oldest", seconds(100));
    holds.add("over", seconds(1));
    holds.add("renewed", seconds(100));
    clock.advance(seconds(1));
    for (int i = 2; i < Holds.MOST - 1; i++) {
      holds.add("m" + i, seconds(100));
    }
    holds.add("renewed", seconds(200));
    holds.add("one more", seconds(100));
    assertThat(holds.of("oldest")).isEqualTo(seconds(99));

    holds.add("yet one more", seconds(100));
    assertThat(holds.of("oldest")).isZero();
    assertThat(holds.of("renewed")).isEqualTo(seconds(200));
    assertThat(holds.of("m2")).isEqualTo(seconds(100));
  }
}
