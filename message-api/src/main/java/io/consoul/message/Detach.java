package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** Listener to provider: send no more of this turn to this listener. Also the answer to a delta for an unknown turn. */
public record Detach(TurnId turn, String inbox, long listenerId) implements BusMessage {

  public Detach(TurnId turn, String inbox) {
    this(turn, inbox, Listener.ONLY);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_DETACH;
  }

  @Override
  public JsonObject toJson() {
    return Listener.number(
        new JsonObject().put("turn", turn.value()).put("inbox", inbox), listenerId);
  }

  static Detach fromJson(JsonObject json) {
    return new Detach(
        TurnId.parse(json.getString("turn")), json.getString("inbox"), Listener.number(json));
  }
}
