package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * The turn ended without a whole answer. With a length of 0 it left no trace; otherwise what was said up to there is
 * kept as interrupted, if the store could be reached.
 */
public record TurnFailed(TurnId turn, long listenerId, long fence, int length, Failed failure)
    implements TurnEvent {

  public TurnFailed {
    requireNonNull(failure, "failure");
  }

  public TurnFailed(TurnId turn, long fence, int length, Failed failure) {
    this(turn, Listener.ONLY, fence, length, failure);
  }

  @Override
  public TurnFailed to(long listener) {
    return listener == listenerId ? this : new TurnFailed(turn, listener, fence, length, failure);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_FAILED;
  }

  @Override
  public JsonObject toJson() {
    return Listener.number(
        new JsonObject()
            .put("turn", turn.value())
            .put("fence", fence)
            .put("length", length)
            .put("failure", failure.toJson()),
        listenerId);
  }

  static TurnFailed fromJson(JsonObject json) {
    return new TurnFailed(
        TurnId.parse(json.getString("turn")),
        Listener.number(json),
        json.getLong("fence"),
        json.getInteger("length"),
        Failed.fromJson(json.getJsonObject("failure")));
  }
}
