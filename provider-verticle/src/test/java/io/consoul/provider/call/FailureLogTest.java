package io.consoul.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.consoul.fault.Fault;
import io.consoul.provider.UpstreamFailure;
import io.consoul.testkit.LoggedBy;
import io.consoul.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayName("The log of a provider that fails under load")
class FailureLogTest {

  private static final UpstreamFailure DOWN =
      new UpstreamFailure(UpstreamFailure.Cause.UNREACHABLE, Fault.LLM_UNAVAILABLE.because("down"));

  @Test
  @DisplayName("has the first failure, and after a while how many there were, and no line for each")
  void rare() {
    ManualClock clock = new ManualClock();
    FailureLog failures = new FailureLog("openai");
    ((Logger) LoggerFactory.getLogger(FailureLog.class)).setLevel(Level.INFO);
    try (LoggedBy<FailureLog> log = new LoggedBy<>(FailureLog.class)) {
      for (int i = 0; i < 1_000; i++) {
        failures.failed(DOWN, clock);
      }
      clock.advance(FailureLog.PAUSE);
      failures.failed(DOWN, clock);
      clock.advance(Duration.ofDays(-1));
      failures.failed(DOWN, clock);

      assertThat(log.lines())
          .satisfiesExactly(
              first -> assertThat(first).startsWith("provider openai failed: "),
              later -> assertThat(later).endsWith("and 999 times since it was last told"),
              back -> assertThat(back).startsWith("provider openai failed: "));
    }
  }
}
