package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A base URL")
class BaseUrlTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1, https://api.openai.com/v1/x, true",
    "https://API.openai.com, https://api.openai.com/v1/x, true",
    "http://127.0.0.1:11434/, http://127.0.0.1:11434/v1/x, false",
    "http://[::1]:8000/v1/, http://[::1]:8000/v1/x, false",
    "https://h/openai/deployments/d?api-version=1, https://h/openai/deployments/d/x?api-version=1, false",
    "https://api.openai.com.example.org/v1, https://api.openai.com.example.org/v1/x, false"
  })
  @DisplayName("is taken as OpenAI's SDKs take it, and an empty path means /v1")
  void endpoints(String text, String endpoint, boolean isOpenAi) {
    BaseUrl url = BaseUrl.parse(text).orElseThrow();
    assertThat(url.of("/x")).isEqualTo(endpoint);
    assertThat(url.isOpenAi()).isEqualTo(isOpenAi);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "127.0.0.1:80",
        "ftp://h/v1",
        "http:",
        "http:///v1",
        "http://h:70000",
        "http://h/#x",
        "a b"
      })
  @DisplayName("must be http or https and name a host")
  void refused(String text) {
    assertThat(BaseUrl.parse(text)).isEmpty();
  }
}
