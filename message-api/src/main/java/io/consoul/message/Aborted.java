package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** Session to provider: the turn left no trace. */
public record Aborted(TurnId turn) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.TURN_ABORTED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value());
  }

  static Aborted fromJson(JsonObject json) {
    return new Aborted(TurnId.parse(json.getString("turn")));
  }
}
