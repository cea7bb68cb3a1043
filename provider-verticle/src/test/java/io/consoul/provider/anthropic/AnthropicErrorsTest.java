package io.consoul.provider.anthropic;

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

@DisplayName("An error of the messages API")
class AnthropicErrorsTest {

  private final AnthropicFormat format = new AnthropicFormat();
  private final Failures failures = new Failures("p", "m", InstantSource.system());
  private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

  @ParameterizedTest
  @CsvSource({
    "307,,x,UNAUTHORIZED",
    "400,invalid_request_error,x,REFUSED",
    "400,invalid_request_error,prompt is too long: 210000 tokens > 200000 maximum,TOO_LONG",
    "400,invalid_request_error,input length and `max_tokens` exceed context limit: 9 + 8 > 10,TOO_LONG",
    "400,invalid_request_error,Your credit balance is too low to access the API,QUOTA",
    "400,invalid_request_error,You have reached your specified API usage limits.,QUOTA",
    "400,invalid_request_error,Output blocked by content filtering policy,FILTERED",
    "401,authentication_error,x,UNAUTHORIZED",
    "402,billing_error,x,QUOTA",
    "403,billing_error,x,QUOTA",
    "403,permission_error,x,UNAUTHORIZED",
    "404,not_found_error,x,NO_SUCH_MODEL",
    "408,timeout_error,x,UNAVAILABLE",
    "409,conflict_error,x,CONFLICT",
    "413,request_too_large,x,TOO_LONG",
    "422,invalid_request_error,x,REFUSED",
    "429,rate_limit_error,x,RATE_LIMITED",
    "429,billing_error,x,QUOTA",
    "500,api_error,x,UNAVAILABLE",
    "503,api_error,x,UNAVAILABLE",
    "504,timeout_error,x,UNAVAILABLE",
    "529,overloaded_error,Overloaded,UNAVAILABLE"
  })
  @DisplayName("is understood by its status, type and words, which are not passed on")
  void byStatus(int status, String type, String message, Cause cause) {
    UpstreamFailure failure = of(
        status,
        new JsonObject()
            .put("type", "error")
            .put("error", new JsonObject().put("type", type).put("message", message + " SECRET"))
            .put("request_id", "req_SECRET")
            .encode());
    assertThat(failure.cause()).isEqualTo(cause);
    assertThat(failure.fault().getMessage()).doesNotContain("SECRET");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "<html>", "null", "[1]", "{\"error\":\"x\"}", "{\"error\":{\"type\":1}}"})
  @DisplayName("is read by its status alone when its body is of another kind")
  void otherBody(String body) {
    assertThat(of(529, body).cause()).isEqualTo(Cause.UNAVAILABLE);
    assertThat(of(400, body).cause()).isEqualTo(Cause.REFUSED);
  }

  @Test
  @DisplayName("tells when to try again, and whether")
  void retry() {
    headers.set("retry-after", "7");
    assertThat(of(429, "{}").retryAfter()).isEqualTo(Duration.ofSeconds(7));
    assertThat(of(529, "{}").retryAfter()).isEqualTo(Duration.ofSeconds(7));
    headers.set("x-should-retry", "false");
    assertThat(of(529, "{}").cause().isWorthRetrying()).isFalse();
  }

  private UpstreamFailure of(int status, String body) {
    return format.refusal(failures, status, headers, Buffer.buffer(body));
  }
}
