package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Session to gateway: the turn waits behind another one of its session. Comes within 2 s and then every 1.5 s; when it
 * stops coming the instance is gone, and the same turn can be begun elsewhere.
 *
 * @param ahead how many turns are before it
 */
public record Queued(TurnId turn, int ahead) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.TURN_QUEUED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value()).put("ahead", ahead);
  }

  static Queued fromJson(JsonObject json) {
    return new Queued(TurnId.parse(json.getString("turn")), json.getInteger("ahead", 0));
  }
}
