package io.consoul.provider.call;

import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.WireFormat;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of an error response, as far as it is worth reading. The status says most of it, so one that is cut, stays
 * away or drips changes little.
 */
final class ErrorBody {

  private static final Logger log = LoggerFactory.getLogger(ErrorBody.class);

  static final int LIMIT = 64 * 1024;

  private final HttpClientResponse response;
  private final WireFormat format;
  private final Failures failures;
  private final Buffer body = Buffer.buffer();

  ErrorBody(HttpClientResponse response, WireFormat format, Failures failures) {
    this.response = response;
    this.format = format;
    this.failures = failures;
  }

  /**
   * Begins to read.
   *
   * @param onEnd of the response
   * @param onLimit when more comes than is worth reading; may be called more than once
   */
  void read(Runnable onEnd, Runnable onLimit) {
    response.handler(chunk -> {
      int room = LIMIT - body.length();
      body.appendBuffer(chunk, 0, Math.min(chunk.length(), room));
      if (chunk.length() >= room) {
        onLimit.run();
      }
    });
    response.endHandler(last -> onEnd.run());
  }

  /** What the response says, by what has come of it. */
  UpstreamFailure failure() {
    Buffer plain =
        Encoding.of(response.getHeader(HttpHeaders.CONTENT_ENCODING)).decode(body, LIMIT);
    UpstreamFailure failure = refusal(plain);
    log.debug(
        "a provider answered with status {} and {} bytes: {}",
        response.statusCode(),
        body.length(),
        failure.toString());
    return failure;
  }

  private UpstreamFailure refusal(Buffer plain) {
    try {
      return format.refusal(failures, response.statusCode(), response.headers(), plain);
    } catch (RuntimeException defect) {
      log.error("an error of a provider broke its reader: {}", defect.getClass().getName());
      return failures.broken();
    }
  }
}
