package io.consoul.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A probe of Redis")
class RedisProbeTest {

  @ParameterizedTest
  @DisplayName("tells a Redis before 6.2 from one since")
  @CsvSource({
    "5.0.14, true",
    "6.0.16, true",
    "6.2.0, false",
    "7.0.15, false",
    "7.2.4, false",
    "10.0.0, false"
  })
  void version(String version, boolean tooOld) {
    String info = "# Server\r\nredis_version:" + version + "\r\nredis_mode:standalone\r\n";

    assertThat(RedisProbe.isTooOld(info)).isEqualTo(tooOld);
    assertThat(RedisProbe.isTooOld("")).isFalse();
  }
}
