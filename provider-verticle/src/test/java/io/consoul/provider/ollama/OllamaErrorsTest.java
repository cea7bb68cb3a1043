package io.consoul.provider.ollama;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.Failures;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Ollama's error")
class OllamaErrorsTest {

  private final Failures failures = new Failures("p", "m", InstantSource.system());
  private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

  @ParameterizedTest
  @CsvSource({
    "301,,UNAUTHORIZED",
    "400,SECRET sk-1234 does not support thinking,REFUSED",
    "400,model 'x' not found,NO_SUCH_MODEL",
    "400,the input length exceeds the context length,TOO_LONG",
    "400,the prompt was refused by the content policy,FILTERED",
    "401,unauthorized,UNAUTHORIZED",
    "403,,UNAUTHORIZED",
    "404,model 'x' not found,NO_SUCH_MODEL",
    "408,,UNAVAILABLE",
    "409,,CONFLICT",
    "429,too many requests,RATE_LIMITED",
    "429,you have reached your weekly usage limit,QUOTA",
    "500,SECRET llama runner process has terminated,UNAVAILABLE",
    "502,,UNAVAILABLE",
    "503,server busy,UNAVAILABLE"
  })
  @DisplayName("is told by its status and words, which are not passed on")
  void byStatus(int status, String message, Cause cause) {
    String body =
        new JsonObject().put("error", message).put("signin_url", "SECRET").encode();
    UpstreamFailure failure = ofStatus(status, body);
    assertThat(failure.cause()).isEqualTo(cause);
    assertThat(failure.fault().getMessage()).doesNotContain("SECRET").doesNotContain("sk-1234");
    assertThat(String.valueOf(failure.fault().details()))
        .doesNotContain("SECRET")
        .doesNotContain("sk-1234");
  }

  @Test
  @DisplayName("tells in a header when to try again")
  void retryAfter() {
    headers.set("retry-after", "7");
    assertThat(ofStatus(429, "{}").retryAfter()).isEqualTo(Duration.ofSeconds(7));
    assertThat(ofStatus(503, "{}").retryAfter()).isEqualTo(Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "<html>", "[1]", "{\"error\":", "{\"error\":7}"})
  @DisplayName("is read by its status alone when its body is of no use")
  void noUse(String body) {
    assertThat(ofStatus(400, body).cause()).isEqualTo(Cause.REFUSED);
    assertThat(ofStatus(502, body).cause()).isEqualTo(Cause.UNAVAILABLE);
  }

  private UpstreamFailure ofStatus(int status, String body) {
    return new OllamaFormat().refusal(failures, status, headers, Buffer.buffer(body));
  }
}
