package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** Session to provider: journalled, the lease is good for another term. */
public record Renewed(TurnId turn) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.TURN_RENEWED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value());
  }

  static Renewed fromJson(JsonObject json) {
    return new Renewed(TurnId.parse(json.getString("turn")));
  }
}
