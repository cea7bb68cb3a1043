package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.gateway.observe.RequestObserver;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/**
 * A response of server-sent events. Its head is held until there is something to send, so that what fails early is an ordinary
 * HTTP error; a comment goes out after every so much silence.
 */
final class SseResponse {

  private static final Buffer PING = Buffer.buffer(": ping\n\n");

  private final Vertx vertx;
  private final Exchange exchange;
  private final HttpServerResponse response;
  private final long pingMillis;
  private final Edge edge;
  private long lastWrite;
  private long timer;

  SseResponse(Vertx vertx, Exchange exchange, Duration ping, Edge edge) {
    this.vertx = vertx;
    this.exchange = exchange;
    this.response = exchange.response();
    this.pingMillis = ping.toMillis();
    this.edge = edge;
    this.lastWrite = exchange.clock().millis();
    edge.streamOpened();
    exchange.onEnd(this::ended);
    pingIn(pingMillis);
  }

  RequestObserver observer() {
    return exchange.observer();
  }

  boolean isWritable() {
    return !exchange.isOver() && !exchange.isFull();
  }

  /** Whether something was sent, so that no HTTP error can be. */
  boolean isBegun() {
    return response.headWritten();
  }

  void write(Buffer events) {
    if (exchange.isOver()) {
      return;
    }
    head();
    lastWrite = exchange.clock().millis();
    exchange.write(events);
  }

  /** The last events. */
  void end(Buffer events) {
    if (exchange.isOver()) {
      return;
    }
    head();
    exchange.end(events);
  }

  /** The last events, which tell a failure. */
  void end(Buffer events, FaultException failure) {
    if (!exchange.isOver()) {
      observer().failed(failure.fault());
    }
    end(events);
  }

  /** An HTTP error in place of the stream; nothing where it has begun. */
  void fail(FaultException failure) {
    exchange.fail(failure);
  }

  private void head() {
    if (response.headWritten()) {
      return;
    }
    observer().streams();
    response
        .setStatusCode(200)
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-cache, no-store, must-revalidate")
        .putHeader("X-Accel-Buffering", "no");
  }

  private void pingIn(long millis) {
    timer = vertx.setTimer(millis, id -> {
      long left = lastWrite + pingMillis - exchange.clock().millis();
      if (left > 0) {
        pingIn(left);
      } else {
        if (isWritable()) {
          write(PING);
        }
        pingIn(pingMillis);
      }
    });
  }

  private void ended() {
    vertx.cancelTimer(timer);
    edge.streamClosed();
  }
}
