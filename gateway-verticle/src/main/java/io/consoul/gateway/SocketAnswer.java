package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;

/** The answer of one turn as messages on a WebSocket. */
final class SocketAnswer implements TurnSink {

  private final SocketWriter writer;
  private final Runnable ended;

  /** @param ended called after the last message of the turn */
  SocketAnswer(SocketWriter writer, Runnable ended) {
    this.writer = writer;
    this.ended = ended;
  }

  @Override
  public boolean isWritable() {
    return !writer.isFull();
  }

  @Override
  public void text(TurnId turn, int offset, String text) {
    writer.send(message(
        "token",
        new JsonObject().put("text", text).put("turn_id", turn.value()).put("offset", offset)));
  }

  @Override
  public void completed(Completed completed) {
    writer.send(message("done", TurnDone.of(completed)));
    ended.run();
  }

  @Override
  public void failed(TurnId turn, FaultException failure, int length) {
    writer.send(message("error", ErrorBody.event(failure).put("turn_id", turn.value())));
    ended.run();
  }

  static JsonObject message(String type, JsonObject data) {
    return new JsonObject().put("type", type).put("data", data);
  }
}
