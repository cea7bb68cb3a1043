package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/** Session to provider: stored. A repeated seal gets the first one's answer. */
public record Sealed(TurnId turn, Instant timestamp) implements BusMessage {

  public Sealed {
    requireNonNull(timestamp, "timestamp");
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_SEALED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turn", turn.value()).put("timestamp", timestamp);
  }

  static Sealed fromJson(JsonObject json) {
    return new Sealed(TurnId.parse(json.getString("turn")), json.getInstant("timestamp"));
  }
}
