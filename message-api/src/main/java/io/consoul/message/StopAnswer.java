package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Session to provider: end this attempt now, upstream first. The reply is {@link Stopped}.
 *
 * @param reason {@code LLM_CANCELLED}: seal what was said. Anything else: the lease was taken away and the listeners are to
 *     be told this
 */
public record StopAnswer(TurnId turn, long fence, Failed reason) implements BusMessage {

  public StopAnswer {
    requireNonNull(turn, "turn");
    requireNonNull(reason, "reason");
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_STOP;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("fence", fence)
        .put("reason", reason.toJson());
  }

  static StopAnswer fromJson(JsonObject json) {
    return new StopAnswer(
        TurnId.parse(json.getString("turn")),
        json.getLong("fence"),
        Failed.fromJson(json.getJsonObject("reason")));
  }
}
