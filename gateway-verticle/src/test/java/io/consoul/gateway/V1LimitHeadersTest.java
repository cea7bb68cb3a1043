package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The limits on /v1")
class V1LimitHeadersTest {

  @ParameterizedTest
  @CsvSource({
    "0,0ms",
    "120,120ms",
    "1000,1s",
    "1500,1.5s",
    "59349,59.349s",
    "60050,1m0.05s",
    "360000,6m0s",
    "3600000,1h0m0s",
    "90061001,25h1m1.001s"
  })
  @DisplayName("tell times as Go writes durations")
  void durations(long millis, String text) {
    assertThat(V1LimitHeaders.text(Duration.ofMillis(millis))).isEqualTo(text);
  }
}
