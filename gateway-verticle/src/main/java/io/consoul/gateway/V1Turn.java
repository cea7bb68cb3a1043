package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.observe.RequestObserver;
import io.consoul.message.Completed;
import io.consoul.message.FinishReason;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;

/** A turn of a session, told as /v1 tells an answer. */
final class V1Turn implements TurnSink {

  private static final int ONLY = 0;

  private final V1Answer answer;
  private final String model;
  private final RequestObserver observer;
  private final HistoryMark history = new HistoryMark();
  private int said;
  private boolean over;

  /** @param model that was asked for; which one answers is known at the end */
  V1Turn(V1Answer answer, String model, RequestObserver observer) {
    this.answer = answer;
    this.model = model == null ? "default" : model;
    this.observer = observer;
  }

  @Override
  public boolean isWritable() {
    return over || answer.isWritable(); // what comes after the end is dropped
  }

  @Override
  public void text(TurnId turn, int cuts, int offset, String text) {
    if (offset < said && !answer.cutBack(offset)) {
      over = true;
    }
    if (!over) {
      answer.begun(turn, model);
      answer.text(ONLY, text);
      said = offset + text.length();
    }
  }

  @Override
  public void historyUnavailable() {
    history.unavailable();
  }

  @Override
  public void completed(Completed completed) {
    observer.answered(completed);
    answer.begun(completed.turn(), completed.model());
    JsonObject more = more(completed.turn()).put("provider", completed.provider());
    end(completed.finishReason(), RescueMark.on(more, completed), completed.usage());
  }

  /** A turn that was cancelled did what was asked of it: nothing, or what was said up to then. */
  @Override
  public void failed(TurnId turn, FaultException failure, int length) {
    observer.answers(turn);
    if (failure.fault() == Fault.LLM_CANCELLED) {
      cut(turn, length, FinishReason.CANCELLED);
    } else if (!over) {
      answer.failed(failure);
    }
  }

  /** An error would have its client repeat the request for ever. */
  @Override
  public void cutOff(TurnId turn, FaultException failure, int length) {
    observer.answers(turn);
    boolean cancelled = failure.fault() == Fault.LLM_CANCELLED;
    cut(turn, length, cancelled ? FinishReason.CANCELLED : FinishReason.INTERRUPTED);
  }

  private void cut(TurnId turn, int length, FinishReason reason) {
    if (!over && (length >= said || answer.cutBack(length))) {
      answer.begun(turn, model);
      end(reason, more(turn), Usage.NONE);
    }
  }

  private void end(FinishReason reason, JsonObject more, Usage usage) {
    if (!over) {
      answer.finished(ONLY, reason, history.on(more));
      answer.completed(usage);
    }
  }

  private static JsonObject more(TurnId turn) {
    return new JsonObject().put("session_id", turn.session().value()).put("turn_id", turn.value());
  }
}
