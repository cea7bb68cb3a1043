package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Completed;
import io.consoul.message.FinishReason;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;

/** Collects the answer of one turn and sends it when the store has it. Providers limit its size. */
final class WholeAnswer implements TurnSink {

  private final Exchange exchange;
  private final ChatRequest chat;
  private final HistoryMark history = new HistoryMark();
  private final StringBuilder answer = new StringBuilder();

  WholeAnswer(Exchange exchange, ChatRequest chat) {
    this.exchange = exchange;
    this.chat = chat;
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void text(TurnId turn, int cuts, int offset, String text) {
    answer.setLength(offset);
    answer.append(text);
  }

  @Override
  public void historyUnavailable() {
    history.unavailable();
  }

  @Override
  public void completed(Completed completed) {
    exchange.observer().answered(completed);
    exchange.json(
        200,
        RescueMark.on(
            body(completed.turn(), completed.model(), completed.usage(), completed.finishReason())
                .put("provider", completed.provider())
                .put("timestamp", ErrorBody.timestamp(completed.timestamp())),
            completed));
  }

  /** A turn that was cancelled did what was asked of it: nothing, or what was said up to then. */
  @Override
  public void failed(TurnId turn, FaultException failure, int length) {
    exchange.observer().answers(turn);
    if (failure.fault() != Fault.LLM_CANCELLED) {
      exchange.fail(failure);
      return;
    }
    cut(turn, length, FinishReason.CANCELLED);
  }

  /** An error would have its client repeat the request for ever. */
  @Override
  public void cutOff(TurnId turn, FaultException failure, int length) {
    boolean cancelled = failure.fault() == Fault.LLM_CANCELLED;
    exchange.observer().answers(turn);
    cut(turn, length, cancelled ? FinishReason.CANCELLED : FinishReason.INTERRUPTED);
  }

  private void cut(TurnId turn, int length, FinishReason reason) {
    answer.setLength(Math.min(length, answer.length()));
    exchange.json(
        200,
        body(turn, chat.model(), Usage.NONE, reason)
            .put("provider", null)
            .put("timestamp", ErrorBody.timestamp(exchange.clock())));
  }

  private JsonObject body(TurnId turn, String model, Usage usage, FinishReason reason) {
    return history.on(new JsonObject()
        .put("session_id", chat.session().value())
        .put("response", answer.toString())
        .put("model", model)
        .put("usage", usage.toJson())
        .put("turn_id", turn.value())
        .put("finish_reason", reason.wireName()));
  }
}
