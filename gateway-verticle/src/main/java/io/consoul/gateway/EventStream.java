package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * The answer of one turn as server-sent events. The head is held until the first text or the first ping, so that what
 * fails early is an ordinary HTTP error.
 */
final class EventStream implements TurnSink {

  private final Vertx vertx;
  private final Exchange exchange;
  private final HttpServerResponse response;
  private final long pingMillis;
  private final Edge edge;
  private final HistoryMark history = new HistoryMark();
  private long lastWrite;
  private long timer;

  EventStream(Vertx vertx, Exchange exchange, Duration ping, Edge edge) {
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

  @Override
  public boolean isWritable() {
    return !exchange.isOver() && !exchange.isFull();
  }

  @Override
  public void text(TurnId turn, int offset, String text) {
    JsonObject data = new JsonObject().put("text", text).put("offset", offset);
    LastEventId id = new LastEventId(turn, offset + text.length());
    write("id: " + id.text() + "\n" + event("token", data));
  }

  @Override
  public void historyUnavailable() {
    history.unavailable();
  }

  @Override
  public void completed(Completed completed) {
    if (exchange.isOver()) {
      return;
    }
    head();
    exchange.end(Buffer.buffer(event("done", history.on(TurnDone.of(completed)))));
  }

  @Override
  public void failed(TurnId turn, FaultException failure, int length) {
    if (exchange.isOver()) {
      return;
    }
    if (!response.headWritten() && failure.fault() != Fault.LLM_CANCELLED) {
      exchange.fail(failure);
      return;
    }
    head();
    JsonObject data = ErrorBody.event(failure).put("turn_id", turn.value());
    exchange.end(Buffer.buffer(event("error", data)));
  }

  private void write(String frame) {
    if (exchange.isOver()) {
      return;
    }
    head();
    lastWrite = exchange.clock().millis();
    exchange.write(Buffer.buffer(frame));
  }

  private void head() {
    if (response.headWritten()) {
      return;
    }
    response
        .setStatusCode(200)
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-cache, no-store, must-revalidate")
        .putHeader("X-Accel-Buffering", "no");
  }

  /** JSON has no line breaks of its own, so one data line holds it. */
  private static String event(String name, JsonObject data) {
    return "event: " + name + "\ndata: " + data.encode() + "\n\n";
  }

  private void pingIn(long millis) {
    timer = vertx.setTimer(millis, id -> {
      long left = lastWrite + pingMillis - exchange.clock().millis();
      if (left > 0) {
        pingIn(left);
      } else {
        if (isWritable()) {
          write(": ping\n\n");
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
