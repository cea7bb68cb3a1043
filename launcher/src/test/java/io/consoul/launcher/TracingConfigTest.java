package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The headers for a collector of traces")
class TracingConfigTest {

  private final ConfigReport report = new ConfigReport();

  @Test
  @DisplayName("are names and values, of which those are decoded as in a URL, and a plus stays one")
  void decoded() {
    TracingConfig config = read("Authorization=Basic%20YS+i/w==, api-key = k%2C1 ,");

    assertThat(report.problems()).isEmpty();
    assertThat(config.headerTable())
        .isEqualTo(Map.of("Authorization", "Basic YS+i/w==", "api-key", "k,1"));
    assertThat(config.toString()).doesNotContain("YS+i");
  }

  @ParameterizedTest
  @DisplayName(
      "that could not be sent keep the server from starting without traces that were wanted")
  @ValueSource(
      strings = {
        "secret",
        "=secret",
        "a b=secret",
        "a=secret%zz",
        "a=secret%0a",
        "Host=secret",
        "a=b,secret"
      })
  void wrong(String headers) {
    read(headers);

    assertThat(report.problems())
        .singleElement()
        .asString()
        .contains("OTEL_EXPORTER_OTLP_HEADERS", "name=value")
        .doesNotContain("secret");
  }

  private TracingConfig read(String headers) {
    return TracingConfig.from(ConfigReader.of(
        "node.json",
        new JsonObject(),
        new Overrides(Map.of("OTEL_EXPORTER_OTLP_HEADERS", headers)),
        report));
  }
}
