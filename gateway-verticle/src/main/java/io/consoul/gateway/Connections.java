package io.consoul.gateway;

import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The HTTP connections of one gateway instance. One without a request on it is closed after a while, also when its next
 * request comes in drop by drop. Confined to the instance's event loop.
 */
final class Connections {

  private static final long BUSY = Long.MAX_VALUE;

  private final InstantSource clock;
  private final long keepAliveMillis;
  private final Map<HttpConnection, Long> idleSince = new HashMap<>();

  Connections(InstantSource clock, Duration keepAlive) {
    this.clock = clock;
    this.keepAliveMillis = keepAlive.toMillis();
  }

  void opened(HttpConnection connection) {
    idleSince.put(connection, clock.millis());
    connection.closeHandler(closed -> idleSince.remove(connection));
    connection.exceptionHandler(failure -> {});
  }

  /** A request has begun on it. */
  void busy(HttpConnection connection) {
    idleSince.computeIfPresent(connection, (known, since) -> BUSY);
  }

  /** The answer has left. */
  void idle(HttpConnection connection) {
    idleSince.computeIfPresent(connection, (known, since) -> clock.millis());
  }

  /** It is no HTTP connection any more. */
  void upgraded(HttpConnection connection) {
    idleSince.remove(connection);
  }

  /** To be called now and then. */
  void closeIdle() {
    long limit = clock.millis() - keepAliveMillis;
    List<HttpConnection> idle = idleSince.entrySet().stream()
        .filter(entry -> entry.getValue() < limit)
        .map(Map.Entry::getKey)
        .toList();
    idle.forEach(RawConnection::close);
  }

  void closeAll() {
    List.copyOf(idleSince.keySet()).forEach(RawConnection::close);
  }
}
