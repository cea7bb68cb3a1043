package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Session to listener: the turn waits behind another one of its session. Comes within 2 s and then every 1.5 s; when it
 * stops coming the instance is gone, and the same turn can be begun elsewhere.
 *
 * @param ahead how many turns are before it
 */
public record Queued(TurnId turn, long listenerId, int ahead) implements StreamMessage {

  public Queued(TurnId turn, int ahead) {
    this(turn, Listener.ONLY, ahead);
  }

  @Override
  public Queued to(long listener) {
    return listener == listenerId ? this : new Queued(turn, listener, ahead);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_QUEUED;
  }

  @Override
  public JsonObject toJson() {
    return Listener.number(
        new JsonObject().put("turn", turn.value()).put("ahead", ahead), listenerId);
  }

  static Queued fromJson(JsonObject json) {
    return new Queued(
        TurnId.parse(json.getString("turn")), Listener.number(json), json.getInteger("ahead", 0));
  }
}
