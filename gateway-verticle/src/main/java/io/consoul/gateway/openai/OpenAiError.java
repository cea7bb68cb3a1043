package io.consoul.gateway.openai;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.json.JsonObject;

/** A failure as OpenAI tells it, with our code. */
public final class OpenAiError {

  private OpenAiError() {}

  /** As our own, where OpenAI does not use another one for the same thing. */
  public static int status(FaultException failure) {
    return switch (failure.fault()) {
      case INVALID_REQUEST_BODY, MISSING_REQUIRED_FIELD, FIELD_VALIDATION_FAILED -> 400;
      case MODEL_NOT_AVAILABLE -> 404;
      case LLM_CANCELLED -> 503;
      default -> failure.fault().status();
    };
  }

  public static JsonObject body(FaultException failure) {
    return new JsonObject()
        .put(
            "error",
            new JsonObject()
                .put("message", failure.getMessage())
                .put("type", type(status(failure)))
                .put("param", param(failure))
                .put("code", failure.fault().code()));
  }

  private static String type(int status) {
    if (status == 429) {
      return "rate_limit_error";
    }
    return status >= 500 ? "server_error" : "invalid_request_error";
  }

  private static String param(FaultException failure) {
    if (failure.fault() == Fault.MODEL_NOT_AVAILABLE) {
      return "model";
    }
    return failure.details() == null ? null : failure.details().getString("field");
  }
}
