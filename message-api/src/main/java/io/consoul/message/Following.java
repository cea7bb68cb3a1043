package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** Provider to listener: attached; the stream goes on from the offset that was asked for. */
public record Following(TurnId turn, long fence) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.TURN_FOLLOWING;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value()).put("fence", fence);
  }

  static Following fromJson(JsonObject json) {
    return new Following(TurnId.parse(json.getString("turn")), json.getLong("fence"));
  }
}
