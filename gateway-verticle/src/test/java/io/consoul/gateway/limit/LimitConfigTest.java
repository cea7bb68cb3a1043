package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The configuration of the rate limits")
class LimitConfigTest {

  private final ConfigReport report = new ConfigReport();

  private LimitConfig read(JsonObject json, Map<String, String> environment) {
    return LimitConfig.from(
        ConfigReader.of("gateway.json", json, new Overrides(environment), report));
  }

  private LimitConfig read(JsonObject json) {
    return read(json, Map.of());
  }

  private static List<String> written(List<Window> windows) {
    return windows.stream().map(Window::toString).toList();
  }

  @Test
  @DisplayName("limits everybody to 10 a minute where nothing is set")
  void defaults() {
    LimitConfig config = read(new JsonObject());
    assertThat(report.problems()).isEmpty();
    assertThat(config.enabled()).isTrue();
    assertThat(written(config.windows(null))).containsExactly("10 per minute");
    assertThat(config.strategy()).isEqualTo(Strategy.MOVING_WINDOW);
    assertThat(config.keyPrefix()).isEqualTo("consoul:ratelimit");
    assertThat(config.redis().isConfigured()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("takes limits as people write them")
  @CsvSource(
      delimiter = '>',
      value = {
        "10/minute > 10 per minute",
        "10 per minute > 10 per minute",
        "1/second > 1 per second",
        "1000/hours > 1000 per hour",
        "5 / DAY > 5 per day",
        "100 per 5 minutes > 100 per 5 minutes",
        "100/5minutes > 100 per 5 minutes",
        "120/60 seconds > 120 per minute",
        "10/second; 100 per hour > 10 per second,100 per hour",
        "10/second,100/day > 10 per second,100 per day",
        "[\"10/second\",\"100/day\"] > 10 per second,100 per day",
        "unlimited > ''",
      })
  void notations(String text, String meant) {
    LimitConfig config = read(new JsonObject(), Map.of("CONSOUL_DEFAULT_LIMITS", text));
    assertThat(report.problems()).isEmpty();
    assertThat(String.join(",", written(config.windows(null)))).isEqualTo(meant);
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("names the variable whose limits cannot be read")
  @ValueSource(
      strings = {
        "10",
        "10/fortnight",
        "ten/minute",
        "0/minute",
        "-1/minute",
        "10/0 minutes",
        "10/minute;",
        "10/minute;20/60 seconds",
        "2000000000/minute",
        "1/400 days",
        "[\"10/minute\"",
        "[10]",
        "{}",
        "1/s;2/s;3/s",
        "99999999999999/minute",
        "unlimited;10/minute"
      })
  void malformed(String text) {
    read(new JsonObject(), Map.of("CONSOUL_DEFAULT_LIMITS", text));
    assertThat(report.problems())
        .singleElement()
        .asString()
        .startsWith("CONSOUL_DEFAULT_LIMITS ")
        .matches(".* (must|has|is) .*");
  }

  @Test
  @DisplayName("has limits of its own for each tier, from the file or from a variable")
  void tiers() {
    JsonObject json = new JsonObject()
        .put("defaultLimits", new JsonArray().add("5/second").add("20/minute"))
        .put("tiers", new JsonObject().put("silver", "50/minute").put("free", "unlimited"));
    LimitConfig config = read(json);
    assertThat(written(config.windows(null))).containsExactly("5 per second", "20 per minute");
    assertThat(written(config.windows("silver"))).containsExactly("50 per minute");
    assertThat(config.windows("free")).isEmpty();

    LimitConfig overridden =
        read(json, Map.of("CONSOUL_RATE_LIMIT_TIERS", "{\"gold\":[\"9/second\",\"90/minute\"]}"));
    assertThat(overridden.tiers().keySet()).containsExactly("gold");
    assertThat(written(overridden.windows("gold")))
        .containsExactly("9 per second", "90 per minute");
    assertThat(report.problems()).isEmpty();
  }

  @Test
  @DisplayName("takes the names of the Python server's variables, too")
  void aliases() {
    LimitConfig config = read(
        new JsonObject(),
        Map.of(
            "CONSOUL_ENABLED", "false",
            "CONSOUL_STRATEGY", "fixed-window",
            "CONSOUL_RATE_LIMIT_KEY_PREFIX", "ours:limits",
            "REDIS_URL", "redis://127.0.0.1:6379/0"));
    assertThat(config.enabled()).isFalse();
    assertThat(config.strategy()).isEqualTo(Strategy.FIXED_WINDOW);
    assertThat(config.keyPrefix()).isEqualTo("ours:limits");
    assertThat(config.redis().isConfigured()).isTrue();
  }

  @Test
  @DisplayName("reports all that is wrong at once")
  void problems() {
    read(new JsonObject()
        .put("defaultLimits", 10)
        .put("tiers", new JsonObject().put("gold", "lots"))
        .put("strategy", "leaky-bucket")
        .put("keyPrefix", "a{b}")
        .put("memory", new JsonObject().put("maxCallers", 1)));
    assertThat(report.problems())
        .hasSize(5)
        .anyMatch(line -> line.startsWith("gateway.json: defaultLimits must be limits like"))
        .anyMatch(line -> line.startsWith("gateway.json: tiers in tier gold must be limits like"))
        .anyMatch(line ->
            line.startsWith("gateway.json: strategy must be one of moving-window, fixed-window"))
        .anyMatch(line -> line.startsWith("gateway.json: keyPrefix must be"))
        .anyMatch(line -> line.startsWith("gateway.json: memory.maxCallers must be"));
  }
}
