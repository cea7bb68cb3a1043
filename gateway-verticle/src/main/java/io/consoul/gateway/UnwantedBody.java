package io.consoul.gateway;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/** What is left of a request's body when its answer is given. */
final class UnwantedBody {

  /** It is read to its end so that the client finds the answer; for so long at most. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** So much is read for the sake of keeping the connection. */
  private static final long SMALL_BYTES = 64 * 1024;

  private final Vertx vertx;
  private final HttpServerRequest request;

  UnwantedBody(Vertx vertx, HttpServerRequest request) {
    this.vertx = vertx;
    this.request = request;
  }

  /** Whether an HTTP/1 request has a body that has not come to its end. */
  boolean isUnread() {
    return !request.isEnded()
        && (request.headers().contains(HttpHeaders.CONTENT_LENGTH)
            || request.headers().contains(HttpHeaders.TRANSFER_ENCODING));
  }

  boolean isSmall() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length != null
        && !request.headers().contains(HttpHeaders.EXPECT)
        && length.length() <= 9
        && Long.parseLong(length) <= SMALL_BYTES;
  }

  /** @param enough called when it goes on for too long */
  void linger(Runnable enough) {
    if (request.isEnded()) {
      return;
    }
    vertx.setTimer(LINGER.toMillis(), id -> {
      if (!request.isEnded() && !request.response().closed()) {
        enough.run();
      }
    });
  }

  Future<Void> received() {
    return request.isEnded() ? Future.succeededFuture() : request.end();
  }
}
