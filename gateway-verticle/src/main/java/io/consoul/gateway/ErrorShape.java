package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.gateway.openai.OpenAiError;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;

/** How an error is told: in our words, or in those of the API that the path belongs to. */
interface ErrorShape {

  ErrorShape OURS = new ErrorShape() {
    @Override
    public int status(FaultException failure) {
      return failure.fault().status();
    }

    @Override
    public JsonObject body(FaultException failure, InstantSource clock) {
      return ErrorBody.of(failure, clock);
    }
  };

  ErrorShape OPEN_AI = new ErrorShape() {
    @Override
    public int status(FaultException failure) {
      return OpenAiError.status(failure);
    }

    @Override
    public JsonObject body(FaultException failure, InstantSource clock) {
      return OpenAiError.body(failure);
    }

    /** OpenAI's clients repeat by themselves what failed on the server, unless they are told that it is of no use. */
    @Override
    public void hint(HttpServerResponse response, FaultException failure) {
      if (status(failure) >= 500 && !failure.fault().recoverable()) {
        response.putHeader("x-should-retry", "false");
      }
    }
  };

  int status(FaultException failure);

  JsonObject body(FaultException failure, InstantSource clock);

  /** Headers that the API has for it besides. */
  default void hint(HttpServerResponse response, FaultException failure) {}

  /** Everything under /v1 speaks like OpenAI. */
  static ErrorShape of(String path) {
    return isV1(path) ? OPEN_AI : OURS;
  }

  static boolean isV1(String path) {
    return path.equals("/v1") || path.startsWith("/v1/");
  }
}
