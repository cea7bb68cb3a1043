package io.consoul.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
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
    "402,,LLM_RATE_LIMITED",
    "400,model_not_found,MODEL_NOT_AVAILABLE",
    "403,content_policy_violation,LLM_CONTENT_FILTERED",
    "409,,LLM_UNAVAILABLE",
    "502,,LLM_UNAVAILABLE",
    "504,,LLM_UNAVAILABLE",
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
    assertThat(String.valueOf(read.details())).doesNotContain("SECRET").doesNotContain("sk-1234");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // vLLM
        "400|{'object':'error','message':'This model`s maximum context length is 4096 tokens.','code':400}",
        // llama.cpp
        "400|{'error':{'code':400,'message':'the request exceeds the available context size',"
            + "'type':'exceed_context_size_error'}}",
        // LM Studio
        "400|{'error':'the model is loaded with context length of only 4096 tokens'}",
        // xAI
        "400|{'code':'Client specified an invalid argument',"
            + "'error':'This model`s maximum prompt length is 131072'}",
        // TGI
        "422|{'error':'`inputs` must have less than 1024 tokens. Given: 3000','error_type':'v'}",
        // Groq
        "413|{'error':{'message':'Request too large for model x on tokens per minute',"
            + "'type':'tokens','code':'rate_limit_exceeded'}}",
        "429|{'error':{'message':'Request too large for x on tokens per min (TPM)',"
            + "'type':'tokens','code':'rate_limit_exceeded'}}"
      })
  @DisplayName("about a context that is too long is understood in many words")
  void inWords(int status, String body) {
    assertThat(causeOf(status, body)).isEqualTo(Cause.TOO_LONG);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Azure
        "400|{'error':{'message':'filtered','type':null,'param':'prompt','code':'content_filter',"
            + "'status':400,'innererror':{'code':'ResponsibleAIPolicyViolation'}}}",
        "400|{'error':{'code':'400','innererror':{'code':'ResponsibleAIPolicyViolation'}}}",
        "400|{'error':{'message':'Content Exists Risk','type':'invalid_request_error'}}",
        "400|{'error':{'message':'your prompt was flagged as potentially violating our policy'}}"
      })
  @DisplayName("about a content filter is understood in Azure's words and in others'")
  void filterInWords(int status, String body) {
    assertThat(causeOf(status, body)).isEqualTo(Cause.FILTERED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "429|{'error':{'code':'429','message':'Rate limit is exceeded'}}|RATE_LIMITED",
        "429|{'error':{'code':'billing_not_active'}}|QUOTA",
        "402|{'error':{'message':'Insufficient Balance'}}|QUOTA",
        "403|{'error':{'message':'Insufficient credits'}}|QUOTA",
        "400|{'type':'invalid_model','code':'1500'}|NO_SUCH_MODEL",
        "404|{'error':{'code':'DeploymentNotFound'}}|NO_SUCH_MODEL",
        "413|<html>413 Request Entity Too Large</html>|REFUSED",
        "422|{'detail':[{'loc':['body'],'msg':'field required'}]}|REFUSED",
        "400|{'message':{'detail':[]}}|REFUSED",
        "400|null|REFUSED",
        "408|{}|UNAVAILABLE"
      })
  @DisplayName("of a compatible server is understood too")
  void compatible(int status, String body, Cause cause) {
    assertThat(causeOf(status, body)).isEqualTo(cause);
  }

  @ParameterizedTest
  @CsvSource({
    "false,503,false,true",
    "false,429,false,true",
    "false,409,false,false",
    "true,400,true,false",
    "true,401,false,false",
    "true,503,true,true",
    "perhaps,503,true,true"
  })
  @DisplayName("may say of itself whether to ask again")
  void shouldRetry(String advice, int status, boolean retry, boolean providersFault) {
    headers.set("x-should-retry", advice).set("retry-after", "7");
    UpstreamFailure failure = OpenAiErrors.ofStatus(failures, status, headers, body("", "x"));
    assertThat(failure.cause().isWorthRetrying()).isEqualTo(retry);
    assertThat(failure.cause().isProvidersFault()).isEqualTo(providersFault);
    assertThat(failure.fault().fault())
        .isEqualTo(
            ofStatus(status, MultiMap.caseInsensitiveMultiMap(), body("", "x")).fault());
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

  private Cause causeOf(int status, String body) {
    String json = body.replace('\'', '"').replace('`', '\'');
    UpstreamFailure failure = OpenAiErrors.ofStatus(failures, status, headers, Buffer.buffer(json));
    return failure.cause();
  }

  private FaultException ofStatus(int status, MultiMap headers, Buffer body) {
    return OpenAiErrors.ofStatus(failures, status, headers, body).fault();
  }

  private static Buffer body(String message, String code) {
    return Buffer.buffer("{\"error\":{\"message\":\"" + message + "\",\"type\":\"x\",\"code\":"
        + (code == null ? "null" : "\"" + code + "\"") + "}}");
  }
}
