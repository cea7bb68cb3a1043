package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;

/** The answer to one message of a batch. */
final class BatchAnswer implements TurnSink {

  private final int index;
  private final Consumer<BatchAnswer> done;
  private final HistoryMark history = new HistoryMark();
  private final StringBuilder text = new StringBuilder();
  private Completed completed;
  private FaultException failure;

  /** @param done called once, when the turn has ended */
  BatchAnswer(int index, Consumer<BatchAnswer> done) {
    this.index = index;
    this.done = done;
  }

  int index() {
    return index;
  }

  /** Null where there is an answer. */
  FaultException failure() {
    return failure;
  }

  /** What answered, or null. */
  String model() {
    return completed == null ? null : completed.model();
  }

  Usage usage() {
    return completed == null ? Usage.NONE : completed.usage();
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void text(TurnId turn, int cuts, int offset, String piece) {
    text.setLength(offset);
    text.append(piece);
  }

  @Override
  public void historyUnavailable() {
    history.unavailable();
  }

  @Override
  public void completed(Completed end) {
    completed = end;
    done.accept(this);
  }

  @Override
  public void failed(TurnId turn, FaultException fault, int length) {
    failed(fault);
    done.accept(this);
  }

  /** It was not begun, for this reason. */
  void failed(FaultException fault) {
    failure = fault;
  }

  JsonObject body() {
    JsonObject body = new JsonObject()
        .put("index", index)
        .put("response", completed == null ? null : text.toString())
        .put("usage", completed == null ? null : completed.usage().toJson())
        .put("error", failure == null ? null : ErrorBody.event(failure));
    if (completed == null) {
      return body;
    }
    body.put("turn_id", completed.turn().value())
        .put("finish_reason", completed.finishReason().wireName());
    return RescueMark.on(history.on(body), completed);
  }
}
