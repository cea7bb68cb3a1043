package io.consoul.provider.gemini;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.Failures;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Gemini's error")
class GeminiErrorsTest {

  private final Failures failures = new Failures("p", "m", InstantSource.system());
  private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

  @ParameterizedTest
  @CsvSource({
    "302,,,REDIRECTED",
    "400,INVALID_ARGUMENT,SECRET sk-1234,REFUSED",
    "400,INVALID_ARGUMENT,API key not valid. Please pass a valid API key.,UNAUTHORIZED",
    "400,INVALID_ARGUMENT,The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).,TOO_LONG",
    "400,INVALID_ARGUMENT,the input token count is 40000 but the model only supports up to 32768,TOO_LONG",
    "400,FAILED_PRECONDITION,User location is not supported for the API use.,UNAUTHORIZED",
    "400,FAILED_PRECONDITION,Please enable billing on your project.,QUOTA",
    "401,UNAUTHENTICATED,,UNAUTHORIZED",
    "403,PERMISSION_DENIED,,UNAUTHORIZED",
    "403,PERMISSION_DENIED,This API method requires billing to be enabled.,QUOTA",
    "404,NOT_FOUND,,NO_SUCH_MODEL",
    "408,,,UNAVAILABLE",
    "409,ABORTED,,CONFLICT",
    "429,RESOURCE_EXHAUSTED,Quota exceeded; check your plan and billing details,RATE_LIMITED",
    "500,INTERNAL,,UNAVAILABLE",
    "503,UNAVAILABLE,,UNAVAILABLE",
    "504,DEADLINE_EXCEEDED,,UNAVAILABLE"
  })
  @DisplayName("is told by its status and words, which are not passed on")
  void byStatus(int status, String word, String message, String cause) {
    for (String form : new String[] {"%s", "[%s]"}) {
      String error = "{\"error\":{\"code\":" + status + ",\"message\":\"" + message
          + "\",\"status\":\"" + word + "\"}}";
      UpstreamFailure failure = ofStatus(status, String.format(form, error));
      assertThat(failure.cause())
          .isEqualTo(cause.equals("REDIRECTED") ? Cause.UNAUTHORIZED : Cause.valueOf(cause));
      assertThat(failure.fault().getMessage())
          .doesNotContain("SECRET")
          .doesNotContain("sk-1234")
          .doesNotContain("plan");
      assertThat(String.valueOf(failure.fault().details()))
          .doesNotContain("SECRET")
          .doesNotContain("sk-1234");
    }
  }

  @Test
  @DisplayName("about a key is a 400 with a reason")
  void badKey() {
    assertThat(
            ofStatus(400, details("{'@type':'t','reason':'API_KEY_INVALID'}")).cause())
        .isEqualTo(Cause.UNAUTHORIZED);
  }

  @ParameterizedTest
  @CsvSource({
    "37s,PT37S",
    "1.5s,PT1.5S",
    "0.2s,PT0.2S",
    "0s,",
    "-3s,",
    "1e99s,",
    "NaNs,",
    "s,",
    "37,",
    "soon,"
  })
  @DisplayName("tells in its body when to try again")
  void retryDelay(String delay, Duration retryAfter) {
    String body = details(
        "{'@type':'q','violations':[{'quotaId':'GenerateRequestsPerMinutePerProjectPerModel'}]},"
            + "{'@type':'type.googleapis.com/google.rpc.RetryInfo','retryDelay':'" + delay + "'}");
    assertThat(ofStatus(429, body).cause()).isEqualTo(Cause.RATE_LIMITED);
    assertThat(ofStatus(429, body).retryAfter()).isEqualTo(retryAfter);
    assertThat(ofStatus(503, body).retryAfter()).isEqualTo(retryAfter);
  }

  @Test
  @DisplayName("may tell it in a header, as a proxy does")
  void retryAfterHeader() {
    headers.set("retry-after", "7");
    assertThat(ofStatus(429, "{}").retryAfter()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  @DisplayName("about the quota of a day names no time: waiting does not help")
  void quotaOfTheDay() {
    UpstreamFailure failure = ofStatus(
        429,
        details("{'violations':[{'quotaId':'GenerateRequestsPerDayPerProjectPerModel-FreeTier'}]},"
            + "{'retryDelay':'37s'}"));
    assertThat(failure.cause()).isEqualTo(Cause.QUOTA);
    assertThat(failure.retryAfter()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "<html>",
        "[1]",
        "[]",
        "{\"error\":",
        "{\"error\":{\"details\":[7,{\"violations\":[1,{}]}],\"message\":[]}}",
        "{\"error\":7}"
      })
  @DisplayName("is read by its status alone when its body is of no use")
  void noUse(String body) {
    assertThat(ofStatus(429, body).cause()).isEqualTo(Cause.RATE_LIMITED);
    assertThat(ofStatus(502, body).cause()).isEqualTo(Cause.UNAVAILABLE);
  }

  private UpstreamFailure ofStatus(int status, String body) {
    return new GeminiFormat().refusal(failures, status, headers, Buffer.buffer(body));
  }

  private static String details(String details) {
    return ("{'error':{'code':1,'message':'SECRET','status':'x','details':[" + details + "]}}")
        .replace('\'', '"');
  }
}
