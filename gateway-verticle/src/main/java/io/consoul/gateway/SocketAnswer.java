package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.gateway.observe.RequestObserver;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;

/** The answer of one turn as messages on a WebSocket. */
final class SocketAnswer implements TurnSink {

  private final SocketWriter writer;
  private final RequestObserver observer;
  private final Consumer<TurnId> begun;
  private final Runnable ended;
  private final HistoryMark history = new HistoryMark();
  private boolean known;

  /**
   * @param observer of the message that asked for it
   * @param begun told which turn it is, before its first message
   * @param ended called after the last message of the turn
   */
  SocketAnswer(
      SocketWriter writer, RequestObserver observer, Consumer<TurnId> begun, Runnable ended) {
    this.begun = begun;
    this.writer = writer;
    this.observer = observer;
    this.ended = ended;
  }

  @Override
  public boolean isWritable() {
    return !writer.isFull();
  }

  @Override
  public void text(TurnId turn, int cuts, int offset, String text) {
    tell(turn);
    observer.answers(turn);
    observer.streams();
    observer.head();
    JsonObject data =
        new JsonObject().put("text", text).put("turn_id", turn.value()).put("offset", offset);
    writer.send(message("token", cuts == 0 ? data : data.put("cuts", cuts)));
  }

  @Override
  public void historyUnavailable() {
    history.unavailable();
  }

  @Override
  public void completed(Completed completed) {
    tell(completed.turn());
    observer.answered(completed);
    writer.send(message("done", history.on(TurnDone.of(completed))));
    observer.done();
    ended.run();
  }

  @Override
  public void failed(TurnId turn, FaultException failure, int length) {
    tell(turn);
    writer.send(message("error", ErrorBody.event(failure).put("turn_id", turn.value())));
    observer.refused(failure.fault());
    ended.run();
  }

  private void tell(TurnId turn) {
    if (!known) {
      known = true;
      begun.accept(turn);
    }
  }

  static JsonObject message(String type, JsonObject data) {
    return new JsonObject().put("type", type).put("data", data);
  }
}
