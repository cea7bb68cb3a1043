package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** Session to provider: another one has the turn, under this fence; forget it. */
public record HandedOn(TurnId turn, long fence) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.TURN_HANDED_ON;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value()).put("fence", fence);
  }

  static HandedOn fromJson(JsonObject json) {
    return new HandedOn(TurnId.parse(json.getString("turn")), json.getLong("fence"));
  }
}
