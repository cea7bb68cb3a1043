package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Session to whoever cancelled.
 *
 * @param turn the one that was stopped, or null where there was none to stop: it had ended, or an answer of its was whole
 */
public record Cancelled(TurnId turn) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.TURN_CANCELLED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn == null ? null : turn.value());
  }

  static Cancelled fromJson(JsonObject json) {
    String turn = json.getString("turn");
    return new Cancelled(turn == null ? null : TurnId.parse(turn));
  }
}
