package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** Provider to session: taken; deltas go to the listener from now on. Tells the model that the request resolved to. */
public record Answering(TurnId turn, long fence, String model) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.TURN_ANSWERING;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value()).put("fence", fence).put("model", model);
  }

  static Answering fromJson(JsonObject json) {
    return new Answering(
        TurnId.parse(json.getString("turn")), json.getLong("fence"), json.getString("model"));
  }
}
