package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The watchdog")
class WatchdogTest {

  private long now;
  private final Watchdog watchdog = new Watchdog(() -> Instant.ofEpochMilli(now));
  private final List<String> barks = new ArrayList<>();
  private final Watchdog.Watch watch =
      watchdog.watch(Duration.ofMillis(100), () -> barks.add("bark"));

  @Test
  @DisplayName("barks once after the limit, counted from the last sign of life")
  void barks() {
    at(99);
    watch.touch();
    at(198);
    assertThat(barks).isEmpty();
    at(199);
    at(500);
    assertThat(barks).containsExactly("bark");
    assertThat(watchdog.size()).isZero();
  }

  @Test
  @DisplayName("does not count the time while we ourselves do not read")
  void paused() {
    watch.pause();
    at(5_000);
    watch.resume();
    at(5_099);
    assertThat(barks).isEmpty();
    at(5_100);
    assertThat(barks).containsExactly("bark");
  }

  @Test
  @DisplayName("forgets a watch that is closed, also while it barks for another")
  void closed() {
    Watchdog.Watch[] other = new Watchdog.Watch[1];
    watchdog.watch(Duration.ofMillis(50), () -> other[0].close());
    other[0] = watchdog.watch(Duration.ofMillis(100), () -> barks.add("other"));
    watch.close();
    at(100);
    assertThat(barks).isEmpty();
  }

  private void at(long millis) {
    now = millis;
    watchdog.tick();
  }
}
