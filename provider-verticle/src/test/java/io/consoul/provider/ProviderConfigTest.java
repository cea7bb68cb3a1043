package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.config.ConfigException;
import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The provider's configuration")
class ProviderConfigTest {

  private final ConfigReport report = new ConfigReport();

  @Test
  @DisplayName("needs nothing: the echo model is there by default")
  void defaults() {
    ProviderConfig config = ProviderConfig.from(new JsonObject());
    assertThat(config.defaultModel()).isEqualTo("echo");
    assertThat(config.upstreams()).extracting(Upstream::name).containsExactly("echo");
    assertThat(config.maxAnswerSize()).isEqualTo(1_048_576);
    assertThat(config.resumeWindow()).isEqualTo(Duration.ofSeconds(120));
    assertThat(config.completionTimeout()).isEqualTo(Duration.ofMinutes(15));
    assertThat(config.echoDelay()).isEqualTo(Duration.ofMillis(20));
    assertThat(config.instances()).isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  @DisplayName("gets the provider openai from the environment alone, by its key or its address")
  void environment() {
    ProviderConfig byKey = read(new JsonObject(), Map.of("OPENAI_API_KEY", "sk-secret"));
    assertThat(byKey.upstreams()).extracting(Upstream::name).containsExactly("openai", "echo");
    assertThat(byKey.upstreamFor(null).baseUrl()).hasToString("https://api.openai.com/v1");
    assertThat(byKey.toString()).doesNotContain("sk-secret");

    ProviderConfig byAddress = read(
        new JsonObject(),
        Map.of("OPENAI_BASE_URL", "http://127.0.0.1:11434", "OPENAI_TIMEOUT", "7"));
    assertThat(byAddress.upstreamFor(null).baseUrl()).hasToString("http://127.0.0.1:11434/v1");
    assertThat(byAddress.upstreamFor(null).times().silence()).isEqualTo(Duration.ofSeconds(7));
    assertThat(byAddress.upstreamFor(null).apiKey()).isNull();
    assertThat(read(new JsonObject(), Map.of("OPENAI_TIMEOUT", "7")).defaultModel())
        .isEqualTo("echo");
    assertThat(report.problems()).isEmpty();
  }

  @Test
  @DisplayName("keeps the order of the file, and puts the environment's provider behind it")
  void order() {
    JsonObject local = entry("local").put("baseUrl", "http://127.0.0.1:1/v1");
    assertThat(read(providers(local), Map.of("OPENAI_API_KEY", "k")).upstreams())
        .extracting(Upstream::name)
        .containsExactly("local", "openai", "echo");
    assertThat(read(
                providers(entry("openai").put("apiKey", "file"), local),
                Map.of("OPENAI_API_KEY", "env"))
            .upstreams())
        .extracting(Upstream::name)
        .containsExactly("openai", "local", "echo");
  }

  @Test
  @DisplayName("lets the environment win over the file's entry for openai, and only for that one")
  void environmentWins() {
    ProviderConfig config = read(
        providers(entry("openai").put("apiKey", "file"), entry("other").put("apiKey", "file")),
        Map.of("OPENAI_API_KEY", "env"));
    assertThat(config.upstreams().get(0).apiKey().reveal()).isEqualTo("env");
    assertThat(config.upstreams().get(1).apiKey().reveal()).isEqualTo("file");
  }

  @Test
  @DisplayName("prints an address without its password and query, and never quotes a bad one")
  void secrets() {
    ProviderConfig config = read(
        providers(entry("a").put("baseUrl", "https://user:hidden@example.org/v1?key=hidden")),
        Map.of());
    assertThat(config.upstreams().get(0).baseUrl())
        .hasToString("https://example.org/v1")
        .satisfies(
            url -> assertThat(url.of("/x")).isEqualTo("https://example.org/v1/x?key=hidden"));
    assertThat(report.problems()).isEmpty();
    read(providers(entry("a").put("baseUrl", "ftp://user:hidden@example.org")), Map.of());
    assertThat(report.problems()).hasSize(1).allMatch(problem -> !problem.contains("hidden"));
  }

  @Test
  @DisplayName("reports all problems at once")
  void problems() {
    JsonObject bad = new JsonObject()
        .put("maxAnswerSize", 0)
        .put("completionTimeoutSeconds", 0)
        .put("echo", new JsonObject().put("delay", 1))
        .put(
            "providers",
            new JsonArray()
                .add(entry("UPPER").put("kind", "gopher"))
                .add(entry("twice"))
                .add(entry("twice").put("timeoutSeconds", -1).put("apikey", "x"))
                .add(entry("echo"))
                .add(entry("h")
                    .put(
                        "headers",
                        new JsonArray()
                            .add(new JsonObject().put("name", "a b").put("value", "\n")))));
    assertThatThrownBy(() -> ProviderConfig.from(bad))
        .isInstanceOfSatisfying(
            ConfigException.class,
            all -> assertThat(all.problems())
                .anyMatch(p -> p.contains("maxAnswerSize must be an integer from 16"))
                .anyMatch(p -> p.contains("completionTimeoutSeconds must be"))
                .anyMatch(p -> p.contains("echo.delay is not a known key; known here: delayMillis"))
                .anyMatch(p -> p.contains("providers[0].name must be"))
                .anyMatch(p -> p.contains("providers[0].kind must be one of OPENAI, ECHO"))
                .anyMatch(p -> p.contains("providers[2].name is used twice"))
                .anyMatch(p -> p.contains("providers[2].timeoutSeconds must be"))
                .anyMatch(
                    p -> p.contains("providers[2].apikey is not a known key; did you mean apiKey?"))
                .anyMatch(p -> p.contains("providers[3].name echo belongs to"))
                .anyMatch(p -> p.contains("providers[4].headers[0].name"))
                .anyMatch(p -> p.contains("providers[4].headers[0].value")));
  }

  private ProviderConfig read(JsonObject json, Map<String, String> environment) {
    return ProviderConfig.from(
        ConfigReader.of("provider.json", json, new Overrides(environment), report));
  }

  private static JsonObject providers(JsonObject... entries) {
    return new JsonObject().put("providers", new JsonArray(List.of(entries)));
  }

  private static JsonObject entry(String name) {
    return new JsonObject().put("name", name);
  }
}
