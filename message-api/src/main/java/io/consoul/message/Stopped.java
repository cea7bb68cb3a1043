package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Provider to session: nothing more comes from upstream.
 *
 * @param stopped false where there was nothing to stop: the answer was whole already, or is not here
 */
public record Stopped(TurnId turn, boolean stopped) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.TURN_STOPPED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value()).put("stopped", stopped);
  }

  static Stopped fromJson(JsonObject json) {
    return new Stopped(TurnId.parse(json.getString("turn")), json.getBoolean("stopped"));
  }
}
