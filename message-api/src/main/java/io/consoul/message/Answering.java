package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Provider to whoever gave it a turn: taken; deltas go to the listener from now on.
 *
 * @param model that the request resolved to
 * @param providerInbox where the listener's credits go
 */
public record Answering(TurnId turn, long fence, String model, String providerInbox)
    implements BusMessage {

  public Answering {
    requireNonNull(turn, "turn");
    requireNonNull(providerInbox, "providerInbox");
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_ANSWERING;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("fence", fence)
        .put("model", model)
        .put("provider_inbox", providerInbox);
  }

  static Answering fromJson(JsonObject json) {
    return new Answering(
        TurnId.parse(json.getString("turn")),
        json.getLong("fence"),
        json.getString("model"),
        json.getString("provider_inbox"));
  }
}
