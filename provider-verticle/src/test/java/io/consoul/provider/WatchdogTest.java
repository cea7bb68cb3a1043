package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The watchdog")
class WatchdogTest {

  private long now;
  private final Watchdog watchdog = new Watchdog(() -> now * 1_000_000);
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
    at(900);
    watch.resume();
    at(999);
    assertThat(barks).isEmpty();
    at(1_000);
    assertThat(barks).containsExactly("bark");
  }

  @Test
  @DisplayName("does not count the time in which the process slept: nobody could be heard")
  void slept() {
    at(50);
    at(60_050);
    assertThat(barks).isEmpty();
    at(60_099);
    assertThat(barks).isEmpty();
    at(60_100);
    assertThat(barks).containsExactly("bark");
  }

  @Test
  @DisplayName("does not count it either where what has come is read before it looks")
  void readAfterSleep() {
    at(50);
    now = 60_050;
    watch.touch();
    at(60_149);
    assertThat(barks).isEmpty();
    at(60_150);
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
