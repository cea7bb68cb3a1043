package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.config.ConfigException;
import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The gateway's configuration")
class GatewayConfigTest {

  @Test
  @DisplayName("has a default for everything")
  void defaults() {
    GatewayConfig config = GatewayConfig.from(new JsonObject());
    assertThat(config.host()).isEqualTo("127.0.0.1");
    assertThat(config.port()).isEqualTo(8000);
    assertThat(config.allowAnonymous()).isFalse();
    assertThat(config.limitConcurrency()).isEqualTo(10_000);
    assertThat(config.maxBodyBytes()).isEqualTo(1_048_576);
    assertThat(config.fields()).isEqualTo(FieldLimits.USUAL);
    assertThat(config.sockets().sendTimeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.streams().creditWindow()).isEqualTo(16_384);
  }

  @Test
  @DisplayName("is overridden by the environment")
  void environment() {
    ConfigReport report = new ConfigReport();
    Overrides overrides = new Overrides(Map.of(
        "CONSOUL_PORT", "9000",
        "CONSOUL_ALLOW_ANONYMOUS", "true",
        "CONSOUL_VALIDATION_ENABLED", "false",
        "CONSOUL_WEBSOCKET_SEND_TIMEOUT", "2.5"));
    GatewayConfig config = GatewayConfig.from(
        ConfigReader.of("gateway.json", new JsonObject().put("port", 7000), overrides, report));
    assertThat(report.problems()).isEmpty();
    assertThat(config.port()).isEqualTo(9000);
    assertThat(config.allowAnonymous()).isTrue();
    assertThat(config.fields()).isEqualTo(FieldLimits.NONE);
    assertThat(config.sockets().sendTimeout()).isEqualTo(Duration.ofMillis(2_500));
  }

  @Test
  @DisplayName("has limits for every tier that a key has")
  void tiers() {
    JsonObject auth =
        new JsonObject().put("keyTiers", new JsonObject().put("shop-*", "gold").put("*", "silver"));
    JsonObject limits = new JsonObject().put("tiers", new JsonObject().put("gold", "100/minute"));
    JsonObject json = new JsonObject().put("auth", auth).put("rateLimit", limits);
    assertThatThrownBy(() -> GatewayConfig.from(json))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "auth has keys of the tier silver, for which rateLimit.tiers has no limits")
        .hasMessageNotContaining("gold");
  }

  @Test
  @DisplayName("reports all that is wrong at once")
  void problems() {
    JsonObject json = new JsonObject()
        .put("port", 70_000)
        .put("maxBodyBytes", 10)
        .put("websocket", new JsonObject().put("maxConections", 5))
        .put("stream", new JsonObject().put("creditWindowChars", "many"));
    assertThatThrownBy(() -> GatewayConfig.from(json))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("port must be an integer from 0 to 65535")
        .hasMessageContaining("maxBodyBytes")
        .hasMessageContaining(
            "websocket.maxConections is not a known key; did you mean maxConnections?")
        .hasMessageContaining("stream.creditWindowChars");
  }
}
