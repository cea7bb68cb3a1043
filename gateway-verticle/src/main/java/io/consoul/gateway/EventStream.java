package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** The answer of one turn as server-sent events. */
final class EventStream implements TurnSink {

  private final SseResponse response;
  private final HistoryMark history = new HistoryMark();

  EventStream(SseResponse response) {
    this.response = response;
  }

  @Override
  public boolean isWritable() {
    return response.isWritable();
  }

  @Override
  public void text(TurnId turn, int offset, String text) {
    JsonObject data = new JsonObject().put("text", text).put("offset", offset);
    LastEventId id = new LastEventId(turn, offset + text.length());
    response.write(Buffer.buffer("id: " + id.text() + "\n" + event("token", data)));
  }

  @Override
  public void historyUnavailable() {
    history.unavailable();
  }

  @Override
  public void completed(Completed completed) {
    response.end(Buffer.buffer(event("done", history.on(TurnDone.of(completed)))));
  }

  @Override
  public void failed(TurnId turn, FaultException failure, int length) {
    if (!response.isBegun() && failure.fault() != Fault.LLM_CANCELLED) {
      response.fail(failure);
      return;
    }
    JsonObject data = ErrorBody.event(failure).put("turn_id", turn.value());
    response.end(Buffer.buffer(event("error", data)));
  }

  /** JSON has no line breaks of its own, so one data line holds it. */
  private static String event(String name, JsonObject data) {
    return "event: " + name + "\ndata: " + data.encode() + "\n\n";
  }
}
