package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.gateway.openai.SpokenChoice;
import io.consoul.gateway.openai.WholeCompletion;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/** An answer on /v1 as one JSON object. */
final class V1Whole implements V1Answer {

  private final Exchange exchange;
  private final long created;
  private final List<SpokenChoice> choices;
  private final JsonObject more = new JsonObject();
  private TurnId turn;
  private String model;

  V1Whole(Exchange exchange, int choices) {
    this.exchange = exchange;
    this.created = exchange.clock().instant().getEpochSecond();
    this.choices = Stream.generate(SpokenChoice::new).limit(choices).toList();
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public void begun(TurnId answering, String by) {
    turn = turn == null ? answering : turn;
    model = by;
  }

  @Override
  public void text(int choice, String piece) {
    choices.get(choice).text(piece);
  }

  @Override
  public void aside(int choice, Aside aside) {
    choices.get(choice).aside(aside);
  }

  @Override
  public boolean cutBack(int length) {
    choices.get(0).cutBack(length);
    return true;
  }

  @Override
  public void finished(int choice, FinishReason reason, JsonObject told) {
    choices.get(choice).finish(reason);
    more.mergeIn(told);
  }

  @Override
  public void completed(Usage usage) {
    exchange.json(
        200, WholeCompletion.json(V1Stream.id(turn), created, model, choices, usage, more));
  }

  @Override
  public void failed(FaultException failure) {
    exchange.fail(failure);
  }
}
