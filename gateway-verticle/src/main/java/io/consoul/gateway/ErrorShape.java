package io.consoul.gateway;

import io.consoul.fault.FaultException;
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

  int status(FaultException failure);

  JsonObject body(FaultException failure, InstantSource clock);

  /** Everything under /v1 speaks like OpenAI. */
  static ErrorShape of(String path) {
    return OURS;
  }
}
