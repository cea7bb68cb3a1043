package io.consoul.provider.openai;

import io.consoul.fault.FaultException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of an error response, as far as it is worth reading. The status says most of it, so one that is cut, stays
 * away or drips changes little.
 */
final class ErrorBody {

  private static final Logger log = LoggerFactory.getLogger(ErrorBody.class);

  private static final int LIMIT = 64 * 1024;

  private final HttpClientResponse response;
  private final FaultReader faults;
  private final Buffer body = Buffer.buffer();

  ErrorBody(HttpClientResponse response, FaultReader faults) {
    this.response = response;
    this.faults = faults;
  }

  /** @param whole may be called more than once */
  void read(Consumer<FaultException> whole) {
    response.handler(chunk -> {
      int room = LIMIT - body.length();
      body.appendBuffer(chunk, 0, Math.min(chunk.length(), room));
      if (chunk.length() >= room) {
        whole.accept(fault());
      }
    });
    response.endHandler(last -> whole.accept(fault()));
  }

  /** What the response says, by what has come of it. */
  FaultException fault() {
    FaultException fault = faults.ofStatus(response.statusCode(), response.headers(), body);
    log.warn(
        "a provider answered with status {} and {} bytes: {}",
        response.statusCode(),
        body.length(),
        fault.toString());
    return fault;
  }
}
