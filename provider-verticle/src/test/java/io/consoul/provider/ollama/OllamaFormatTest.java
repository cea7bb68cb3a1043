package io.consoul.provider.ollama;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.Secret;
import io.consoul.provider.BaseUrl;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Ollama's format")
class OllamaFormatTest {

  private final OllamaFormat format = new OllamaFormat();

  @Test
  @DisplayName("has its chat below the host's root")
  void endpoint() {
    assertThat(BaseUrl.parseOllama("gpu").orElseThrow().of(format.endpoint(null)))
        .isEqualTo("http://gpu:11434/api/chat");
  }

  @Test
  @DisplayName("has a bearer's key where there is one")
  void headers() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    format.headers(headers, null);
    assertThat(headers.contains("authorization")).isFalse();
    format.headers(headers, new Secret("k"));
    assertThat(headers.get("authorization")).isEqualTo("Bearer k");
  }

  @Test
  @DisplayName("takes JSON, in lines or whole")
  void contentTypes() {
    assertThat(format.isStream("application/x-ndjson")).isTrue();
    assertThat(format.isStream("application/json; charset=utf-8")).isTrue();
    assertThat(format.isStream("text/event-stream")).isFalse();
    assertThat(format.isStream("text/html")).isFalse();
  }
}
