package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** The turn is being worked on but has nothing to say: sent every 1.5 s of silence. */
public record Alive(TurnId turn, long fence) implements TurnEvent {

  @Override
  public WireType wireType() {
    return WireType.TURN_ALIVE;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value()).put("fence", fence);
  }

  static Alive fromJson(JsonObject json) {
    return new Alive(TurnId.parse(json.getString("turn")), json.getLong("fence"));
  }
}
