package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BreakerState;
import io.consoul.message.ModelList;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A model's name")
class RoutesTest {

  private static final JsonObject OPENAI =
      new JsonObject().put("name", "openai").put("apiKey", "k");
  private static final JsonObject LOCAL = new JsonObject()
      .put("name", "local")
      .put("baseUrl", "http://127.0.0.1:9/v1")
      .put("models", new JsonArray().add("llama3").add("gpt-oss"));

  @Test
  @DisplayName("that is missing means the first provider's default")
  void missing() {
    assertThat(resolve(null)).isEqualTo("echo: echo");
    assertThat(resolve(null, LOCAL, OPENAI)).isEqualTo("local: llama3");
    assertThat(resolve(null, OPENAI, LOCAL)).isEqualTo("openai: gpt-4.1-mini");
    assertThat(resolve(null, LOCAL.copy().put("defaultModel", "m"))).isEqualTo("local: m");
  }

  @Test
  @DisplayName("may name its provider, whose own names may hold slashes")
  void withProvider() {
    assertThat(resolve("local/meta/llama:7b", OPENAI, LOCAL)).isEqualTo("local: meta/llama:7b");
    assertThat(resolve("openai/llama3", LOCAL, OPENAI)).isEqualTo("openai: llama3");
    assertThat(resolve("meta/llama", OPENAI, LOCAL)).isEqualTo("local: meta/llama");
    assertThat(resolve("echo/anything", OPENAI)).isEqualTo("echo: anything");
  }

  @Test
  @DisplayName("is found in a provider's list before it is found by its prefix")
  void listed() {
    assertThat(resolve("gpt-oss", OPENAI, LOCAL)).isEqualTo("local: gpt-oss");
    assertThat(resolve("gpt-5", LOCAL, OPENAI)).isEqualTo("openai: gpt-5");
    assertThat(resolve("o3-mini", LOCAL, OPENAI)).isEqualTo("openai: o3-mini");
    assertThat(resolve("chatgpt-4o-latest", OPENAI)).isEqualTo("openai: chatgpt-4o-latest");
  }

  @Test
  @DisplayName("that nobody knows goes to a server of one's own, which may have it")
  void unknown() {
    assertThat(resolve("mistral", OPENAI, LOCAL)).isEqualTo("local: mistral");
    assertThat(resolve("gpt-5", LOCAL)).isEqualTo("local: gpt-5");
    assertThat(resolve("echo", LOCAL)).isEqualTo("echo: echo");
  }

  @Test
  @DisplayName("that cannot be served is refused with what there is, never replaced")
  void refused() {
    assertThatThrownBy(() -> resolve("claude-x", OPENAI))
        .isInstanceOfSatisfying(FaultException.class, refused -> {
          assertThat(refused.fault()).isEqualTo(Fault.MODEL_NOT_AVAILABLE);
          assertThat(refused.getMessage())
              .contains("claude-x")
              .contains("openai/gpt-4.1-mini")
              .contains("echo");
        });
    assertThatThrownBy(() -> resolve("gpt-5")).hasMessageContaining("available: echo");
    assertThatThrownBy(() -> resolve("", LOCAL)).isInstanceOf(FaultException.class);
    assertThatThrownBy(() -> resolve("openai/", OPENAI)).isInstanceOf(FaultException.class);
  }

  @Test
  @DisplayName(
      "of a known family finds who made it, where that one is configured; of several the first")
  void families() {
    JsonObject anthropic = new JsonObject().put("name", "anthropic").put("apiKey", "k");
    JsonObject google = new JsonObject().put("name", "google").put("apiKey", "k");
    JsonObject second = new JsonObject().put("name", "second").put("kind", "anthropic");
    JsonObject ollama = new JsonObject().put("name", "ollama");

    assertThat(resolve("claude-sonnet-4-5", OPENAI, second, anthropic))
        .isEqualTo("second: claude-sonnet-4-5");
    assertThat(resolve("gemini-2.5-pro", anthropic, google)).isEqualTo("google: gemini-2.5-pro");
    assertThat(resolve("gemma-3-27b-it", anthropic, google)).isEqualTo("google: gemma-3-27b-it");
    assertThat(resolve("gemini/some-model", google)).isEqualTo("google: some-model");
    assertThat(resolve("o4-mini", google, OPENAI)).isEqualTo("openai: o4-mini");
    assertThat(resolve("llama3.2", google, OPENAI, ollama)).isEqualTo("ollama: llama3.2");
    assertThat(resolve("claude-x", ollama)).isEqualTo("ollama: claude-x");
    assertThatThrownBy(() -> resolve("claude-x", google)).hasMessageContaining("google/gemini-");
    assertThatThrownBy(() -> resolve("gemini/x", OPENAI)).isInstanceOf(FaultException.class);
  }

  @Test
  @DisplayName("that begins with gemini/ finds the provider of that name, if there is one")
  void ownGemini() {
    JsonObject google = new JsonObject().put("name", "google").put("apiKey", "k");
    JsonObject gemini = new JsonObject().put("name", "gemini").put("kind", "GEMINI");

    assertThat(resolve("gemini/m", google, gemini)).isEqualTo("gemini: m");
  }

  @Test
  @DisplayName(
      "that is missing is never answered by a provider without a default: it says what to set")
  void noDefault() {
    JsonObject ollama = new JsonObject().put("name", "ollama");

    assertThat(resolve(null, ollama, OPENAI)).isEqualTo("openai: gpt-4.1-mini");
    assertThat(resolve(null, ollama.copy().put("models", new JsonArray().add("llama3.2"))))
        .isEqualTo("ollama: llama3.2");
    assertThatThrownBy(() -> resolve(null, ollama))
        .isInstanceOfSatisfying(FaultException.class, refused -> {
          assertThat(refused.fault()).isEqualTo(Fault.MODEL_CONFIG_ERROR);
          assertThat(refused.getMessage())
              .contains("ollama/…")
              .contains("CONSOUL_MODEL_NAME")
              .contains("defaultModel");
        });
    assertThat(list(models(ollama))).containsExactly(new ModelList.Model("echo", "echo", false));
  }

  @Test
  @DisplayName("may be a route's, with targets that resolve; with its provider it takes none")
  void route() {
    Routes routes = routing(config()
        .put(
            "routes",
            new JsonArray()
                .add(new JsonObject()
                    .put("name", "gpt-5")
                    .put("firstTokenSeconds", 8)
                    .put(
                        "targets",
                        new JsonArray()
                            .add("openai/gpt-5")
                            .add(new JsonObject()
                                .put("model", "llama3")
                                .put("firstTokenSeconds", 0.5))
                            .add("echo")))));

    Route route = routes.resolve("gpt-5");
    assertThat(route.name()).isEqualTo("gpt-5");
    assertThat(route.steps())
        .extracting(step -> step.target() + " " + step.weight() + " " + step.firstToken())
        .containsExactly("openai/gpt-5 1 PT8S", "local/llama3 0 PT0.5S", "echo/echo 0 PT8S");
    assertThat(route.order(new Random(1))).isEqualTo(route.steps());
    assertThat(routes.resolve("openai/gpt-5").steps()).hasSize(1);
    assertThat(routes.resolve("gpt-5-mini").steps()).hasSize(1);
    assertThatThrownBy(() -> routing(config()
                .put("providers", new JsonArray())
                .put(
                    "routes",
                    new JsonArray()
                        .add(new JsonObject()
                            .put("name", "r")
                            .put("targets", new JsonArray().add("echo")))))
            .resolve("other"))
        .hasMessageContaining("available: r, echo");
  }

  @Test
  @DisplayName(
      "of a route with weights is answered by the one that is drawn; who has none stands in")
  void weights() {
    Route route = routing(config()
            .put(
                "routes",
                new JsonArray()
                    .add(new JsonObject()
                        .put("name", "spread")
                        .put(
                            "targets",
                            new JsonArray()
                                .add(new JsonObject().put("model", "openai/a").put("weight", 3))
                                .add("openai/b")
                                .add(new JsonObject().put("model", "openai/c").put("weight", 1))))))
        .resolve("spread");
    Random random = new Random(7);
    Map<String, Integer> first = new HashMap<>();
    for (int i = 0; i < 4_000; i++) {
      List<Route.Step> order = route.order(random);
      assertThat(order).hasSize(3);
      first.merge(order.get(0).target().model(), 1, Integer::sum);
      if (order.get(0).target().model().equals("c")) {
        assertThat(order).extracting(step -> step.target().model()).containsExactly("c", "a", "b");
      }
    }
    assertThat(first).containsOnlyKeys("a", "c");
    assertThat(first.get("a")).isBetween(2_850, 3_150);
  }

  @Test
  @DisplayName("in the list comes with what is known of it, and its provider's breaker")
  void details() {
    JsonObject priced = new JsonObject()
        .put("name", "m")
        .put("window", 8_000)
        .put("prices", new JsonObject().put("input", 1).put("output", 2.5));
    Routes routes = routing(new JsonObject()
        .put(
            "providers",
            new JsonArray()
                .add(new JsonObject().put("name", "a").put("models", new JsonArray().add(priced))))
        .put(
            "routes",
            new JsonArray()
                .add(new JsonObject()
                    .put("name", "safe")
                    .put("targets", new JsonArray().add("echo").add("a/m")))));

    assertThat(routes.known(
            provider -> provider.equals("a") ? BreakerState.OPEN : BreakerState.CLOSED))
        .containsExactly(
            new ModelList.Model(
                "a/m", "a", true, 8_000, new ModelList.Prices(1, 1, 2.5), BreakerState.OPEN),
            new ModelList.Model("safe", "echo", false),
            new ModelList.Model("echo", "echo", false));
  }

  @Test
  @DisplayName("in the list is one that finds its own provider; the default comes first")
  void list() {
    JsonObject second = new JsonObject()
        .put("name", "second")
        .put("baseUrl", "http://127.0.0.1:8/v1")
        .put("models", new JsonArray().add("echo").add("openai/gpt-5"))
        .put("defaultModel", "big");
    JsonObject parrot = new JsonObject().put("name", "parrot").put("kind", "ECHO");
    Routes models = models(second, LOCAL, parrot, OPENAI);

    assertThat(list(models))
        .extracting(ModelList.Model::name)
        .containsExactly(
            "second/big",
            "echo",
            "second/openai/gpt-5",
            "local/llama3",
            "local/gpt-oss",
            "parrot/echo",
            "openai/gpt-4.1-mini",
            "echo/echo");
    assertThat(list(models)).filteredOn(ModelList.Model::byDefault).hasSize(1);
    assertThat(list(models).get(0).byDefault()).isTrue();
    assertThat(list(models))
        .allMatch(model -> models
            .resolve(model.name())
            .steps()
            .get(0)
            .target()
            .upstream()
            .name()
            .equals(model.provider()));
    assertThat(list(models())).containsExactly(new ModelList.Model("echo", "echo", true));
  }

  private static String resolve(String model, JsonObject... providers) {
    Target route = models(providers).resolve(model).steps().get(0).target();
    return route.upstream().name() + ": " + route.model();
  }

  private static JsonObject config() {
    return new JsonObject().put("providers", new JsonArray().add(OPENAI).add(LOCAL));
  }

  private static Routes models(JsonObject... providers) {
    return routing(new JsonObject().put("providers", new JsonArray(List.of(providers))));
  }

  private static Routes routing(JsonObject config) {
    return ProviderConfig.from(config).routing();
  }

  private static List<ModelList.Model> list(Routes routes) {
    return routes.known(provider -> BreakerState.CLOSED);
  }
}
