package io.consoul.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A failure in OpenAI's words")
class OpenAiErrorTest {

  @ParameterizedTest(name = "{0}")
  @DisplayName("has OpenAI's status and type, and our code")
  @CsvSource({
    "INVALID_REQUEST_BODY, 400, invalid_request_error, E001",
    "FIELD_VALIDATION_FAILED, 400, invalid_request_error, E003",
    "INVALID_API_KEY, 401, invalid_request_error, E011",
    "FORBIDDEN, 403, invalid_request_error, E013",
    "MODEL_NOT_AVAILABLE, 404, invalid_request_error, E210",
    "REQUEST_TOO_LARGE, 413, invalid_request_error, E006",
    "RATE_LIMIT_EXCEEDED, 429, rate_limit_error, E020",
    "LLM_RATE_LIMITED, 503, server_error, E202",
    "LLM_CONTEXT_TOO_LONG, 400, invalid_request_error, E203",
    "INTERNAL_ERROR, 500, server_error, E900"
  })
  void words(Fault fault, int status, String type, String code) {
    JsonObject error = OpenAiError.body(fault.because("why")).getJsonObject("error");
    assertThat(OpenAiError.status(fault.because())).isEqualTo(status);
    assertThat(error.getString("type")).isEqualTo(type);
    assertThat(error.getString("code")).isEqualTo(code);
    assertThat(error.getString("message")).isEqualTo("why");
  }

  @ParameterizedTest
  @DisplayName("always has a status that HTTP knows, and all four fields")
  @EnumSource
  void complete(Fault fault) {
    assertThat(OpenAiError.status(fault.because())).isNotEqualTo(499).isBetween(400, 504);
    assertThat(OpenAiError.body(fault.because()).getJsonObject("error").fieldNames())
        .containsExactly("message", "type", "param", "code");
  }

  @Test
  @DisplayName("names the field that is wrong")
  void field() {
    JsonObject error = OpenAiError.body(
            Fault.FIELD_VALIDATION_FAILED.inField("messages[3].role", "must be one of them"))
        .getJsonObject("error");
    assertThat(error.getString("param")).isEqualTo("messages[3].role");
  }
}
