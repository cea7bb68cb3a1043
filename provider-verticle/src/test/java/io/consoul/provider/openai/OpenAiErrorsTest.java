package io.consoul.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.provider.wire.Failures;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A provider's error")
class OpenAiErrorsTest {

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-23T10:00:00Z"));

  private final Failures failures = new Failures("p", "m", CLOCK);
  private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

  @ParameterizedTest
  @CsvSource({
    "301,,MODEL_CONFIG_ERROR",
    "400,,MODEL_CONFIG_ERROR",
    "400,context_length_exceeded,LLM_CONTEXT_TOO_LONG",
    "400,content_filter,LLM_CONTENT_FILTERED",
    "400,content_policy_violation,LLM_CONTENT_FILTERED",
    "413,context_length_exceeded,LLM_CONTEXT_TOO_LONG",
    "401,invalid_api_key,MODEL_CONFIG_ERROR",
    "403,,MODEL_CONFIG_ERROR",
    "404,model_not_found,MODEL_NOT_AVAILABLE",
    "408,,LLM_UNAVAILABLE",
    "418,,MODEL_CONFIG_ERROR",
    "422,,MODEL_CONFIG_ERROR",
    "429,rate_limit_exceeded,LLM_RATE_LIMITED",
    "429,insufficient_quota,LLM_RATE_LIMITED",
    "500,,LLM_UNAVAILABLE",
    "503,,LLM_UNAVAILABLE"
  })
  @DisplayName("becomes a fault by its status and code, and its words are not passed on")
  void byStatus(int status, String code, Fault fault) {
    FaultException read = ofStatus(status, headers, body("SECRET sk-1234", code));
    assertThat(read.fault()).isEqualTo(fault);
    assertThat(read.getMessage()).doesNotContain("SECRET").doesNotContain("sk-1234");
    assertThat(read.details()).isNull();
  }

  @Test
  @DisplayName("about a context that is too long is understood without a code, too")
  void inWords() {
    Buffer body = Buffer.buffer(
        "{\"object\":\"error\",\"message\":\"This model's maximum context length is 4096 tokens.\"}");
    assertThat(ofStatus(400, headers, body).fault()).isEqualTo(Fault.LLM_CONTEXT_TOO_LONG);
  }

  @Test
  @DisplayName("is read by its status alone when its body is no JSON")
  void noJson() {
    for (String body : new String[] {"", "<html>", "[1]", "\u001f\u008b", "{\"error\":"}) {
      assertThat(ofStatus(502, headers, Buffer.buffer(body)).fault())
          .isEqualTo(Fault.LLM_UNAVAILABLE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "retry-after,7,7",
    "Retry-After,0.2,1",
    "retry-after-ms,1500,2",
    "retry-after,'Mon, 23 Nov 2026 10:00:30 GMT',30",
    "retry-after,'Mon, 23 Nov 2026 09:00:00 GMT',",
    "retry-after,0,",
    "retry-after,-3,",
    "retry-after,NaN,",
    "retry-after,1e99,",
    "retry-after,soon,"
  })
  @DisplayName("tells when to try again, in whole seconds, where that makes sense")
  void retryAfter(String name, String value, Integer seconds) {
    headers.set(name, value);
    assertThat(ofStatus(429, headers, body("", "")).retryAfter()).isEqualTo(seconds);
    assertThat(ofStatus(503, headers, body("", "")).retryAfter()).isEqualTo(seconds);
  }

  @Test
  @DisplayName("about a quota names no time: waiting does not help")
  void quota() {
    headers.set("retry-after", "7");
    assertThat(ofStatus(429, headers, body("", "insufficient_quota")).retryAfter())
        .isNull();
  }

  private FaultException ofStatus(int status, MultiMap headers, Buffer body) {
    return OpenAiErrors.ofStatus(failures, status, headers, body).fault();
  }

  private static Buffer body(String message, String code) {
    return Buffer.buffer("{\"error\":{\"message\":\"" + message + "\",\"type\":\"x\",\"code\":"
        + (code == null ? "null" : "\"" + code + "\"") + "}}");
  }
}
