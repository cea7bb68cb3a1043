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

  @ParameterizedTest
  @CsvSource({
    "https://h,/v1beta,https://h/v1beta/x",
    "https://h/,/v1beta,https://h/v1beta/x",
    "https://h/proxy,/v1beta,https://h/proxy/x",
    "http://h:11434,'',http://h:11434/x",
    "http://h:11434/,'',http://h:11434/x"
  })
  @DisplayName("with an empty path means what the provider's own SDKs mean by it")
  void defaultPath(String text, String defaultPath, String endpoint) {
    assertThat(BaseUrl.parse(text, defaultPath).orElseThrow().of("/x")).isEqualTo(endpoint);
  }

  @ParameterizedTest
  @CsvSource({
    "https://h/v1?key=k,/x,https://h/v1/x?key=k",
    "https://h/v1?key=k&a=b,/x?alt=sse,https://h/v1/x?alt=sse&key=k&a=b",
    "https://h/v1,/x?alt=sse,https://h/v1/x?alt=sse",
    "https://h/v1?,/x,https://h/v1/x",
    "https://h/v1?,/x?alt=sse,https://h/v1/x?alt=sse"
  })
  @DisplayName("keeps its query beside that of the endpoint")
  void queries(String text, String endpoint, String address) {
    assertThat(BaseUrl.parse(text).orElseThrow().of(endpoint)).isEqualTo(address);
  }

  @ParameterizedTest
  @CsvSource({
    "'',http://127.0.0.1:11434",
    "' gpu ',http://gpu:11434",
    "gpu:80,http://gpu:80",
    ":8080,http://127.0.0.1:8080",
    "0.0.0.0,http://127.0.0.1:11434",
    "0.0.0.0:11434,http://127.0.0.1:11434",
    "http://0.0.0.0:11434,http://127.0.0.1:11434",
    "[::]:11434,http://127.0.0.1:11434",
    "::1,http://[::1]:11434",
    "[::1],http://[::1]:11434",
    "[::1]:5,http://[::1]:5",
    "gpu/ollama/,http://gpu:11434/ollama",
    "http://gpu,http://gpu",
    "https://gpu:443/,https://gpu:443",
    "https://ollama.com,https://ollama.com",
    "ollama.com,https://ollama.com"
  })
  @DisplayName("of Ollama is read as Ollama reads OLLAMA_HOST")
  void ollama(String text, String address) {
    assertThat(BaseUrl.parseOllama(text).orElseThrow().of("")).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a b", "gpu:http", "ftp://gpu", "gpu:70000", "me:secret@gpu", "gpu?key=secret"})
  @DisplayName("of Ollama is refused where it is none")
  void ollamaRefused(String text) {
    assertThat(BaseUrl.parseOllama(text)).isEmpty();
  }
}
