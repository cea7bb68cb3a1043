package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Listener to provider: everything before {@code upTo} has gone out, send on. Says at the same time that the listener
 * lives: one that is silent for 5 s counts as gone, so it is repeated every 1.5 s.
 */
public record Credit(TurnId turn, long fence, String inbox, long listenerId, int upTo)
    implements BusMessage {

  public Credit(TurnId turn, long fence, String inbox, int upTo) {
    this(turn, fence, inbox, Listener.ONLY, upTo);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_CREDIT;
  }

  @Override
  public JsonObject toJson() {
    return Listener.number(
        new JsonObject()
            .put("turn", turn.value())
            .put("fence", fence)
            .put("inbox", inbox)
            .put("up_to", upTo),
        listenerId);
  }

  static Credit fromJson(JsonObject json) {
    return new Credit(
        TurnId.parse(json.getString("turn")),
        json.getLong("fence"),
        json.getString("inbox"),
        Listener.number(json),
        json.getInteger("up_to"));
  }
}
