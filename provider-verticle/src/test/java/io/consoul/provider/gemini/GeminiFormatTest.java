package io.consoul.provider.gemini;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.config.Secret;
import io.consoul.message.ChatMessage;
import io.consoul.message.Settings;
import io.consoul.provider.BaseUrl;
import io.consoul.provider.Completion;
import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Gemini's format")
class GeminiFormatTest {

  private final GeminiFormat format = new GeminiFormat();

  @ParameterizedTest
  @CsvSource({
    "gemini-x,gemini-x",
    "models/gemini-x,gemini-x",
    "a b/ü?x#y,a%20b%2F%C3%BC%3Fx%23y",
    "x+y~z,x%2By%7Ez"
  })
  @DisplayName("has the model in the address, below a base URL that may have a query")
  void endpoint(String model, String encoded) {
    Completion completion =
        new Completion(model, Settings.NONE, List.of(ChatMessage.user("hi")), 0);
    String address = "https://generativelanguage.googleapis.com/v1beta/models/" + encoded
        + ":streamGenerateContent?alt=sse";
    BaseUrl google = BaseUrl.parse(BaseUrl.GEMINI, "/v1beta").orElseThrow();
    assertThat(google.of(format.endpoint(completion))).isEqualTo(address);
    BaseUrl withQuery = BaseUrl.parse(BaseUrl.GEMINI + "?a=b").orElseThrow();
    assertThat(withQuery.of(format.endpoint(completion))).isEqualTo(address + "&a=b");
  }

  @Test
  @DisplayName("has the key in a header of Google's own")
  void headers() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    format.headers(headers, new Secret("k"));
    assertThat(headers.get("x-goog-api-key")).isEqualTo("k");
    assertThat(headers.contains("authorization")).isFalse();
    MultiMap without = MultiMap.caseInsensitiveMultiMap();
    format.headers(without, null);
    assertThat(without.contains("x-goog-api-key")).isFalse();
  }

  @Test
  @DisplayName("takes events, and an array where they are not to be had")
  void contentTypes() {
    assertThat(format.isStream("text/event-stream")).isTrue();
    assertThat(format.isStream("application/json; charset=utf-8")).isTrue();
    assertThat(format.isStream("text/html")).isFalse();
  }
}
