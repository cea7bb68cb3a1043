package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.ModelList;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
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
  @DisplayName("in the list is one that finds its own provider; the default comes first")
  void list() {
    JsonObject second = new JsonObject()
        .put("name", "second")
        .put("baseUrl", "http://127.0.0.1:8/v1")
        .put("models", new JsonArray().add("echo").add("openai/gpt-5"))
        .put("defaultModel", "big");
    JsonObject parrot = new JsonObject().put("name", "parrot").put("kind", "ECHO");
    Routes models = models(second, LOCAL, parrot, OPENAI);

    assertThat(models.known())
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
    assertThat(models.known()).filteredOn(ModelList.Model::byDefault).hasSize(1);
    assertThat(models.known().get(0).byDefault()).isTrue();
    assertThat(models.known())
        .allMatch(model -> models
            .resolve(model.name())
            .steps()
            .get(0)
            .target()
            .upstream()
            .name()
            .equals(model.provider()));
    assertThat(models().known()).containsExactly(new ModelList.Model("echo", "echo", true));
  }

  private static String resolve(String model, JsonObject... providers) {
    Target route = models(providers).resolve(model).steps().get(0).target();
    return route.upstream().name() + ": " + route.model();
  }

  private static Routes models(JsonObject... providers) {
    JsonArray list = new JsonArray(List.of(providers));
    return new Routes(
        ProviderConfig.from(new JsonObject().put("providers", list)).upstreams());
  }
}
