package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.LoggedBy;
import io.consoul.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("That Redis refuses to count")
class RefusalLogTest {

  private final ManualClock clock = new ManualClock();
  private final RefusalLog refusals = new RefusalLog();

  @Test
  @DisplayName("is logged at once, and once a minute while it goes on")
  void onceAMinute() {
    try (LoggedBy<RefusalLog> logged = new LoggedBy<>(RefusalLog.class)) {
      for (int i = 0; i < 100; i++) {
        refusals.refused("WRONGTYPE", clock);
      }
      assertThat(logged.lines()).hasSize(1).first().asString().contains("error=WRONGTYPE;");
      clock.advance(Duration.ofSeconds(59));
      refusals.refused("ERR", clock);
      assertThat(logged.lines()).hasSize(1);
      clock.advance(Duration.ofSeconds(1));
      refusals.refused("ERR", clock);
      refusals.refused("ERR", clock);
      assertThat(logged.lines()).hasSize(2);
    }
  }
}
