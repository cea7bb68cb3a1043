package io.consoul.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.Secret;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Anthropic's format")
class AnthropicFormatTest {

  private final AnthropicFormat format = new AnthropicFormat();

  @Test
  @DisplayName("asks below the base URL, with a version and the key in a header of its own")
  void headers() {
    assertThat(format.endpoint(null)).isEqualTo("/messages");
    MultiMap headers = headers("sk-ant-api03-x");
    assertThat(headers.get("x-api-key")).isEqualTo("sk-ant-api03-x");
    assertThat(headers.get("anthropic-version")).isEqualTo("2023-06-01");
    assertThat(headers.get("accept")).isEqualTo("text/event-stream");
    assertThat(headers.contains("authorization")).isFalse();
  }

  @Test
  @DisplayName("shows an account's token as a bearer's, and no key where there is none")
  void otherKeys() {
    MultiMap headers = headers("sk-ant-oat01-x");
    assertThat(headers.get("authorization")).isEqualTo("Bearer sk-ant-oat01-x");
    assertThat(headers.contains("x-api-key")).isFalse();
    assertThat(headers(null).names()).containsExactlyInAnyOrder("accept", "anthropic-version");
  }

  @Test
  @DisplayName("takes event streams only")
  void isStream() {
    assertThat(format.isStream("text/event-stream; charset=utf-8")).isTrue();
    assertThat(format.isStream("application/json")).isFalse();
  }

  private MultiMap headers(String key) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    format.headers(headers, key == null ? null : new Secret(key));
    return headers;
  }
}
