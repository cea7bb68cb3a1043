package io.consoul.gc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.config.ConfigException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("conf/gc.json")
class GcConfigTest {

  @Test
  @DisplayName("needs no key: every setting has its default")
  void defaults() {
    assertThat(GcConfig.from(new JsonObject()))
        .isEqualTo(
            new GcConfig(Duration.ofHours(1), Duration.ofSeconds(10), 100, Duration.ofMillis(10)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 86_400})
  @DisplayName("takes an interval of a second to a day, and 0 for no collections")
  void interval(double seconds) {
    GcConfig config = GcConfig.from(new JsonObject().put("intervalSeconds", seconds));
    assertThat(config.interval()).isEqualTo(Duration.ofSeconds((long) seconds));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 0.5, 86_401})
  @DisplayName("refuses an interval that would never end or hardly begin")
  void badInterval(double seconds) {
    assertThatThrownBy(() -> GcConfig.from(new JsonObject().put("intervalSeconds", seconds)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("intervalSeconds must be");
  }

  @Test
  @DisplayName(
      "tells every value that is out of its range, and every key it does not know, at once")
  void everyProblem() {
    JsonObject json =
        new JsonObject().put("batchSize", 10_001).put("pauseMillis", -1).put("batchsize", 1);
    assertThatThrownBy(() -> GcConfig.from(json))
        .hasMessageContainingAll(
            "batchSize must be an integer from 1 to 10000",
            "pauseMillis must be",
            "did you mean batchSize?");
  }
}
