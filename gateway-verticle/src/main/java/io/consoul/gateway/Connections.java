package io.consoul.gateway;

import io.consoul.gateway.http.HttpConfig;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP connections of one gateway instance. One without a request on it is closed after a while, and sooner where the
 * head of its next request comes in drop by drop. Confined to the instance's event loop.
 */
final class Connections {

  /** HTTP/2's "no longer needed". */
  private static final long CANCEL = 8;

  private static final long NO_ERROR = 0;

  private static final int ANY_STREAM = Integer.MAX_VALUE;

  private static final Buffer PING = Buffer.buffer("consoul!");

  private final InstantSource clock;
  private final Edge edge;
  private final long keepAliveMillis;
  private final long headerMillis;
  private final Duration sendTimeout;
  private final Map<HttpConnection, Seat> seats = new HashMap<>();
  private boolean draining;

  /** @param sendTimeout how long a connection on which an answer is stuck may take to show that it is alive */
  Connections(
      InstantSource clock, Edge edge, HttpConfig config, Duration keepAlive, Duration sendTimeout) {
    this.clock = clock;
    this.edge = edge;
    this.keepAliveMillis = keepAlive.toMillis();
    this.headerMillis = config.headerTimeout().toMillis();
    this.sendTimeout = sendTimeout;
  }

  void opened(HttpConnection connection) {
    RawConnection.established(connection);
    connection.exceptionHandler(failure -> {});
    if (!edge.connectionOpened()) {
      RawConnection.close(connection);
      return;
    }
    Seat seat = new Seat();
    seats.put(connection, seat);
    RawConnection.closed(connection).onComplete(closed -> {
      seats.remove(connection);
      edge.connectionClosed();
    });
    if (!isHttp2(connection)) {
      RawConnection.onRead(connection, seat::bytes);
    }
  }

  /** A request has begun on it. */
  void busy(HttpConnection connection) {
    Seat seat = seats.get(connection);
    if (seat != null) {
      seat.requests++;
    }
  }

  /** The answer has left. */
  void idle(HttpConnection connection) {
    Seat seat = seats.get(connection);
    if (seat != null && --seat.requests == 0) {
      seat.waitFor(keepAliveMillis);
      seat.fresh = true;
    }
  }

  /** The answer that is about to leave is its last; what was sent behind that request is none. */
  void closing(HttpConnection connection) {
    Seat seat = seats.get(connection);
    if (seat != null) {
      seat.closing = true;
    }
  }

  boolean isClosing(HttpConnection connection) {
    Seat seat = seats.get(connection);
    return seat != null && seat.closing;
  }

  /** It is no HTTP connection any more. */
  void upgraded(HttpConnection connection) {
    seats.remove(connection);
    RawConnection.stopOnRead(connection);
  }

  /**
   * The client takes nothing of an answer. On HTTP/2 that may be the matter of this one answer, so that only it is given
   * up, unless the whole connection turns out to be stuck.
   *
   * @return false where it was cut off already for another answer, that was pipelined
   */
  boolean stalled(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    Seat seat = seats.get(connection);
    if (request.version() != HttpVersion.HTTP_2) {
      boolean first = seat != null && !seat.cut;
      if (first) {
        seat.cut = true;
        RawConnection.close(connection);
      }
      return first;
    }
    RawConnection.reset(connection, request.response().streamId(), CANCEL);
    if (seat != null && !seat.asked) {
      seat.asked = true;
      connection
          .ping(PING)
          .timeout(sendTimeout.toMillis(), TimeUnit.MILLISECONDS)
          .onComplete(alive -> seat.asked = false, silent -> RawConnection.close(connection));
    }
    return true;
  }

  /** The shorter of the two times that a connection without a request has. */
  Duration patience() {
    return Duration.ofMillis(Math.min(keepAliveMillis, headerMillis));
  }

  /** To be called now and then. */
  void closeIdle() {
    long now = clock.millis();
    List<Map.Entry<HttpConnection, Seat>> late =
        seats.entrySet().stream().filter(entry -> entry.getValue().isLate(now)).toList();
    late.forEach(entry -> close(entry.getKey(), entry.getValue()));
  }

  /** The clients are asked to go elsewhere with their next request; one that has left already is still answered. */
  void drain() {
    draining = true;
    http2().forEach(connection -> connection.goAway(NO_ERROR, ANY_STREAM));
  }

  boolean isDraining() {
    return draining;
  }

  /** HTTP/2's streams that are in progress have so long; no other is answered. */
  void shutdown(Duration left) {
    http2().forEach(connection -> connection.shutdown(left.toMillis(), TimeUnit.MILLISECONDS));
  }

  private List<HttpConnection> http2() {
    return seats.keySet().stream()
        .filter(Connections::isHttp2)
        .toList();
  }

  void closeAll() {
    List.copyOf(seats.keySet()).forEach(RawConnection::close);
  }

  private void close(HttpConnection connection, Seat seat) {
    if (isHttp2(connection) && !seat.told) {
      seat.told = true;
      connection.close();
    } else {
      RawConnection.close(connection);
    }
  }

  private static boolean isHttp2(HttpConnection connection) {
    return RawConnection.isHttp2(connection);
  }

  /** What is known of one connection. */
  private final class Seat {

    private int requests;

    /** Nothing of the next request has come. A new connection counts from its start, whatever has come. */
    private boolean fresh;

    private long deadline;
    private boolean closing;
    private boolean asked;
    private boolean cut;
    private boolean told;

    Seat() {
      waitFor(patience().toMillis());
    }

    void bytes() {
      if (fresh && requests == 0) {
        fresh = false;
        waitFor(headerMillis);
      }
    }

    void waitFor(long millis) {
      deadline = clock.millis() + millis;
    }

    boolean isLate(long now) {
      return requests == 0 && deadline < now;
    }
  }
}
