package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/** Session to gateway: the turn is stored as pending and this provider inbox has taken it. */
public record Accepted(TurnId turn, long fence, String providerInbox) implements BusMessage {

  public Accepted {
    requireNonNull(turn, "turn");
    requireNonNull(providerInbox, "providerInbox");
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_ACCEPTED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("fence", fence)
        .put("provider_inbox", providerInbox);
  }

  static Accepted fromJson(JsonObject json) {
    return new Accepted(
        TurnId.parse(json.getString("turn")),
        json.getLong("fence"),
        json.getString("provider_inbox"));
  }
}
