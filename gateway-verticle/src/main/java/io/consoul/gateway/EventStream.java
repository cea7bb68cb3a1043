package io.consoul.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.json.JsonBytes;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** The answer of one turn as server-sent events. */
final class EventStream implements TurnSink {

  private static final byte[] ID = "id: ".getBytes(US_ASCII);
  private static final byte[] TOKEN = "\nevent: token\ndata: {\"text\":\"".getBytes(US_ASCII);
  private static final byte[] OFFSET = "\",\"offset\":".getBytes(US_ASCII);
  private static final byte[] END = "}\n\n".getBytes(US_ASCII);

  private final SseResponse response;
  private final JsonBytes out = new JsonBytes();
  private final HistoryMark history = new HistoryMark();

  EventStream(SseResponse response) {
    this.response = response;
  }

  @Override
  public boolean isWritable() {
    return response.isWritable();
  }

  /** The way of every token: no object is made of it. */
  @Override
  public void text(TurnId turn, int cuts, int offset, String text) {
    response.observer().answers(turn);
    out.put(ID)
        .put(new LastEventId(turn, cuts, offset + text.length()).text().getBytes(US_ASCII))
        .put(TOKEN)
        .escape(text)
        .put(OFFSET)
        .put(offset)
        .put(END);
    response.write(out.take());
  }

  @Override
  public void historyUnavailable() {
    history.unavailable();
  }

  @Override
  public void completed(Completed completed) {
    response.observer().answered(completed);
    response.end(Buffer.buffer(event("done", history.on(TurnDone.of(completed)))));
  }

  @Override
  public void failed(TurnId turn, FaultException failure, int length) {
    if (!response.isBegun() && failure.fault() != Fault.LLM_CANCELLED) {
      response.fail(failure);
      return;
    }
    JsonObject data = ErrorBody.event(failure).put("turn_id", turn.value());
    response.end(Buffer.buffer(event("error", data)), failure);
  }

  /** JSON has no line breaks of its own, so one data line holds it. */
  private static String event(String name, JsonObject data) {
    return "event: " + name + "\ndata: " + data.encode() + "\n\n";
  }
}
