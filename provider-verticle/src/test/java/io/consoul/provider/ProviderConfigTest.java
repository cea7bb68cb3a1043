package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.config.ConfigException;
import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.consoul.config.Secret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The provider's configuration")
class ProviderConfigTest {

  private final ConfigReport report = new ConfigReport();

  @Test
  @DisplayName("needs nothing: the echo model is there by default")
  void defaults() {
    ProviderConfig config = ProviderConfig.from(new JsonObject());
    assertThat(config.defaultModel()).contains("echo");
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
    assertThat(byKey.upstreams().get(0).baseUrl()).hasToString("https://api.openai.com/v1");
    assertThat(byKey.toString()).doesNotContain("sk-secret");

    ProviderConfig byAddress = read(
        new JsonObject(),
        Map.of("OPENAI_BASE_URL", "http://127.0.0.1:11434", "OPENAI_TIMEOUT", "7"));
    assertThat(byAddress.upstreams().get(0).baseUrl()).hasToString("http://127.0.0.1:11434/v1");
    assertThat(byAddress.upstreams().get(0).times().silence()).isEqualTo(Duration.ofSeconds(7));
    assertThat(byAddress.upstreams().get(0).apiKey()).isNull();
    assertThat(read(new JsonObject(), Map.of("OPENAI_TIMEOUT", "7")).defaultModel())
        .contains("echo");
    assertThat(report.problems()).isEmpty();
  }

  @ParameterizedTest(name = "{0}={1}: {2} at {3}")
  @CsvSource({
    "ANTHROPIC_API_KEY, k, anthropic, https://api.anthropic.com/v1",
    "ANTHROPIC_BASE_URL, http://127.0.0.1:1, anthropic, http://127.0.0.1:1/v1",
    "ANTHROPIC_BASE_URL, http://127.0.0.1:1/v1/, anthropic, http://127.0.0.1:1/v1",
    "ANTHROPIC_BASE_URL, https://example.org/anthropic, anthropic, https://example.org/anthropic/v1",
    "GOOGLE_API_KEY, k, google, https://generativelanguage.googleapis.com/v1beta",
    "GEMINI_API_KEY, k, google, https://generativelanguage.googleapis.com/v1beta",
    "GOOGLE_BASE_URL, http://127.0.0.1:1, google, http://127.0.0.1:1/v1beta",
    "OLLAMA_HOST, 0.0.0.0, ollama, http://127.0.0.1:11434",
    "OLLAMA_API_BASE, http://gpu:11434, ollama, http://gpu:11434",
  })
  @DisplayName("gets each provider from one variable alone")
  void shorthands(String variable, String value, String provider, String address) {
    ProviderConfig config = read(new JsonObject(), Map.of(variable, value));

    assertThat(report.problems()).isEmpty();
    assertThat(config.upstreams()).extracting(Upstream::name).containsExactly(provider, "echo");
    assertThat(config.upstreams().get(0).baseUrl()).hasToString(address);
    assertThat(config.upstreams().get(0).times().silence()).isEqualTo(Duration.ofSeconds(120));
  }

  @Test
  @DisplayName("gets no provider from a time-out, nor from Ollama's key, which tells no address")
  void notEnough() {
    assertThat(read(new JsonObject(), Map.of("ANTHROPIC_TIMEOUT", "9", "OLLAMA_API_KEY", "k"))
            .upstreams())
        .extracting(Upstream::name)
        .containsExactly("echo");
  }

  @Test
  @DisplayName(
      "puts the environment's providers in a fixed order, and takes a section as it takes variables")
  void severalShorthands() {
    JsonObject file = new JsonObject()
        .put("google", new JsonObject().put("apiKey", "g").put("http2", true))
        .put("anthropic", new JsonObject().put("apiKey", "file").put("maxKeepalive", 3));
    ProviderConfig config =
        read(file, Map.of("OLLAMA_HOST", "gpu", "OPENAI_API_KEY", "o", "ANTHROPIC_API_KEY", "env"));

    assertThat(report.problems()).isEmpty();
    assertThat(config.upstreams())
        .extracting(Upstream::name)
        .containsExactly("openai", "anthropic", "google", "ollama", "echo");
    assertThat(config.upstreams().get(1).apiKey().reveal()).isEqualTo("env");
    assertThat(config.upstreams().get(1).pool().maxIdle()).isEqualTo(3);
    assertThat(config.upstreams().get(2).pool().protocol())
        .isEqualTo(Upstream.Pool.Protocol.HTTP_2);
    assertThat(config.upstreams().get(3).baseUrl()).hasToString("http://gpu:11434");
  }

  @Test
  @DisplayName(
      "takes the kind from the name where it is a known one, and refuses another kind under it")
  void kinds() {
    ProviderConfig config = read(
        providers(entry("anthropic"), entry("mine").put("kind", "gemini"), entry("other")),
        Map.of("ANTHROPIC_API_KEY", "env"));
    assertThat(report.problems()).isEmpty();
    assertThat(config.upstreams())
        .extracting(Upstream::dialect)
        .containsExactly(
            Upstream.Dialect.ANTHROPIC,
            Upstream.Dialect.GEMINI,
            Upstream.Dialect.OPENAI,
            Upstream.Dialect.ECHO);
    assertThat(config.upstreams().get(0).apiKey().reveal()).isEqualTo("env");

    read(providers(entry("anthropic").put("kind", "openai")), Map.of());
    assertThat(report.problems())
        .containsExactly(
            "provider.json: providers[0].name anthropic belongs to the kind ANTHROPIC; take another one");
  }

  @Test
  @DisplayName("refuses an address or key in a section whose provider stands in the list")
  void twice() {
    JsonObject file = providers(entry("openai"));
    file.put("openai", new JsonObject().put("timeoutSeconds", 5).put("apiKey", null));
    read(file, Map.of("OPENAI_API_KEY", "env"));
    assertThat(report.problems()).isEmpty();

    file.getJsonObject("openai").put("apiKey", "k");
    read(file, Map.of());
    assertThat(report.problems()).singleElement().asString().contains("openai.baseUrl and apiKey");
  }

  @Test
  @DisplayName("has time-outs for each part of a call; one stands for first byte and silence")
  void times() {
    Upstream one = read(providers(entry("a").put("timeoutSeconds", 7)), Map.of())
        .upstreams()
        .get(0);
    assertThat(one.times())
        .isEqualTo(new Upstream.Times(seconds(5), seconds(7), seconds(7), seconds(3_600)));

    JsonObject each = entry("a")
        .put("timeoutSeconds", 7)
        .put("firstByteSeconds", 60)
        .put("silenceSeconds", 2.5)
        .put("callSeconds", 90)
        .put("connectTimeoutSeconds", 1);
    assertThat(read(providers(each), Map.of()).upstreams().get(0).times())
        .isEqualTo(
            new Upstream.Times(seconds(1), seconds(60), Duration.ofMillis(2_500), seconds(90)));
  }

  @Test
  @DisplayName("has a pool for each provider, by the file or for all by the environment")
  void pool() {
    Upstream.Pool pool =
        read(providers(entry("a")), Map.of()).upstreams().get(0).pool();
    assertThat(pool)
        .isEqualTo(new Upstream.Pool(100, 1_000, 20, seconds(60), Upstream.Pool.Protocol.HTTP_1));

    Map<String, String> environment = Map.of(
        "CONSOUL_PROVIDER_MAX_CONNECTIONS", "7",
        "CONSOUL_PROVIDER_MAX_WAITING", "8",
        "CONSOUL_PROVIDER_MAX_KEEPALIVE", "9",
        "CONSOUL_PROVIDER_KEEP_ALIVE_TIMEOUT", "10",
        "CONSOUL_PROVIDER_HTTP2", "true");
    assertThat(read(providers(entry("a")), environment).upstreams().get(0).pool())
        .isEqualTo(new Upstream.Pool(7, 8, 9, seconds(10), Upstream.Pool.Protocol.HTTP_2));
  }

  @Test
  @DisplayName(
      "knows of a model its window, its prices and whether it takes a prefill, which its provider or kind decides else")
  void models() {
    JsonObject known = new JsonObject()
        .put("name", "big")
        .put("window", 128_000)
        .put("prefill", true)
        .put("prices", new JsonObject().put("input", 2).put("cachedInput", 0.5).put("output", 8));
    JsonObject uncached = new JsonObject()
        .put("name", "plain")
        .put("prices", new JsonObject().put("input", 2).put("output", 8));
    ProviderConfig config = read(
        providers(
            entry("a").put("models", new JsonArray().add(known).add(uncached).add("name-only")),
            entry("anthropic"),
            entry("strict").put("kind", "ANTHROPIC").put("prefill", false)),
        Map.of());

    assertThat(report.problems()).isEmpty();
    assertThat(config.upstreams().get(0).models())
        .containsExactly(
            new Model("big", 128_000, new Prices(2, 0.5, 8), true),
            new Model("plain", null, new Prices(2, 2, 8), null),
            new Model("name-only", null, Prices.NONE, null));
    Routes routes = config.routing();
    assertThat(Stream.of("a/big", "a/plain", "anthropic/x", "strict/x", "echo")
            .map(name -> routes.resolve(name).steps().get(0).target().takesPrefill()))
        .containsExactly(true, false, true, false, false);
  }

  @Test
  @DisplayName("reaches Azure by an address with a query and the key in a header of its own")
  void azure() {
    Upstream azure = read(
            providers(entry("azure")
                .put(
                    "baseUrl",
                    "https://mine.openai.azure.com/openai/deployments/chat?api-version=2024-10-21")
                .put(
                    "headers",
                    new JsonArray()
                        .add(
                            new JsonObject().put("name", "api-key").put("value", "${env:AZURE}")))),
            Map.of("AZURE", "k"))
        .upstreams()
        .get(0);

    assertThat(report.problems()).isEmpty();
    assertThat(azure.baseUrl().of("/chat/completions"))
        .isEqualTo(
            "https://mine.openai.azure.com/openai/deployments/chat/chat/completions?api-version=2024-10-21");
    assertThat(azure.headers()).containsExactly(new Upstream.Header("api-key", new Secret("k")));
    assertThat(azure.apiKey()).isNull();
  }

  @Test
  @DisplayName("refuses routes that lead nowhere, to a route, or away from their name")
  void badRoutes() {
    JsonObject bad = providers(entry("openai"))
        .put(
            "routes",
            new JsonArray()
                .add(route("a", "openai/x", "b"))
                .add(route("b", "nobody", "openai/x"))
                .add(route("b", "openai/x", "gpt-5", "openai/gpt-5"))
                .add(route("openai/y", "openai/x"))
                .add(route("c"))
                .add(new JsonObject()
                    .put("nam", "d")
                    .put(
                        "targets",
                        new JsonArray()
                            .add(new JsonObject()
                                .put("model", "openai/x")
                                .put("weight", -1)
                                .put("firstTokenSeconds", 0)))));
    read(bad, Map.of());

    assertThat(report.problems())
        .anyMatch(p -> p.contains("routes[0].targets[1].model is the name of a route"))
        .anyMatch(p -> p.contains("routes[1].targets[0].model does not resolve")
            && p.contains("available: openai/gpt-4.1-mini"))
        .anyMatch(p -> p.contains("routes[2].name is used twice"))
        .anyMatch(p -> p.contains("routes[2].targets must not name openai/gpt-5 twice"))
        .anyMatch(p -> p.contains("routes[3].name begins with a provider's name"))
        .anyMatch(p -> p.contains("routes[4].targets must name at least one model"))
        .anyMatch(p -> p.contains("routes[5].nam is not a known key; did you mean name?"))
        .anyMatch(p -> p.contains("routes[5].name must be 1 to 200 characters"))
        .anyMatch(p -> p.contains("routes[5].targets[0].weight must be an integer from 0"))
        .anyMatch(p -> p.contains("routes[5].targets[0].firstTokenSeconds must be"))
        .hasSize(10);
  }

  @Test
  @DisplayName("refuses models without a name, with a price below zero, or listed twice")
  void badModels() {
    JsonObject priced = new JsonObject()
        .put("name", "m")
        .put("prices", new JsonObject().put("input", -1).put("out", 1))
        .put("window", 1);
    read(
        providers(
            entry("a").put("models", new JsonArray().add(priced).add("m").add(" ")),
            entry("b").put("models", new JsonArray().add(1))),
        Map.of());

    assertThat(report.problems())
        .anyMatch(p -> p.contains("models[0].prices.input must be a number from 0"))
        .anyMatch(p -> p.contains("models[0].prices.out is not a known key"))
        .anyMatch(p -> p.contains("models[0].window must be an integer from 16"))
        .anyMatch(p -> p.contains("models[1].name is used twice"))
        .anyMatch(p -> p.contains("models[2].name must be 1 to 200 characters"))
        .anyMatch(p -> p.contains("providers[1].models must be a list of objects, or strings"))
        .hasSize(6);
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
                            .add(new JsonObject().put("name", "a b").put("value", "\n"))
                            .add(new JsonObject()
                                .put("name", "Content-Length")
                                .put("value", "5")))));
    assertThatThrownBy(() -> ProviderConfig.from(bad))
        .isInstanceOfSatisfying(
            ConfigException.class,
            all -> assertThat(all.problems())
                .anyMatch(p -> p.contains("maxAnswerSize must be an integer from 16"))
                .anyMatch(p -> p.contains("completionTimeoutSeconds must be"))
                .anyMatch(p -> p.contains("echo.delay is not a known key; known here: delayMillis"))
                .anyMatch(p -> p.contains("providers[0].name must be"))
                .anyMatch(p -> p.contains(
                    "providers[0].kind must be one of openai, anthropic, gemini, ollama, echo"))
                .anyMatch(p -> p.contains("providers[2].name is used twice"))
                .anyMatch(p -> p.contains("providers[2].timeoutSeconds must be"))
                .anyMatch(
                    p -> p.contains("providers[2].apikey is not a known key; did you mean apiKey?"))
                .anyMatch(p -> p.contains("providers[3].name echo belongs to"))
                .anyMatch(p -> p.contains("providers[4].headers[0].name"))
                .anyMatch(p -> p.contains("providers[4].headers[0].value"))
                .anyMatch(
                    p -> p.contains("providers[4].headers[1].name must not be Content-Length")));
  }

  private ProviderConfig read(JsonObject json, Map<String, String> environment) {
    return ProviderConfig.from(
        ConfigReader.of("provider.json", json, new Overrides(environment), report));
  }

  private static JsonObject route(String name, String... targets) {
    return new JsonObject().put("name", name).put("targets", new JsonArray(List.of(targets)));
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static JsonObject providers(JsonObject... entries) {
    return new JsonObject().put("providers", new JsonArray(List.of(entries)));
  }

  private static JsonObject entry(String name) {
    return new JsonObject().put("name", name);
  }
}
