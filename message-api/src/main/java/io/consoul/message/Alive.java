package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** The turn is being worked on but has nothing to say: sent every 1.5 s of silence. */
public record Alive(TurnId turn, long listenerId, long fence) implements TurnEvent {

  public Alive(TurnId turn, long fence) {
    this(turn, Listener.ONLY, fence);
  }

  @Override
  public Alive to(long listener) {
    return listener == listenerId ? this : new Alive(turn, listener, fence);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_ALIVE;
  }

  @Override
  public JsonObject toJson() {
    return Listener.number(
        new JsonObject().put("turn", turn.value()).put("fence", fence), listenerId);
  }

  static Alive fromJson(JsonObject json) {
    return new Alive(
        TurnId.parse(json.getString("turn")), Listener.number(json), json.getLong("fence"));
  }
}
