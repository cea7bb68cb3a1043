package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Listener to provider: send this turn from {@code after} on, then go on live. Replaces an earlier attachment.
 *
 * @param asides how many of the asides the listener has already
 * @param cuts how many of the answer's cuts it has seen; of what it has it keeps only what holds after the others
 */
public record FollowTurn(TurnId turn, int after, int asides, int cuts, Listener listener)
    implements BusMessage {

  public FollowTurn(TurnId turn, int after, Listener listener) {
    this(turn, after, 0, 0, listener);
  }

  public FollowTurn {
    requireNonNull(turn, "turn");
    requireNonNull(listener, "listener");
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_FOLLOW;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("after", after)
        .put("asides", asides)
        .put("cuts", cuts)
        .put("listener", listener.toJson());
  }

  static FollowTurn fromJson(JsonObject json) {
    return new FollowTurn(
        TurnId.parse(json.getString("turn")),
        json.getInteger("after", 0),
        json.getInteger("asides", 0),
        json.getInteger("cuts", 0),
        Listener.fromJson(json.getJsonObject("listener")));
  }
}
