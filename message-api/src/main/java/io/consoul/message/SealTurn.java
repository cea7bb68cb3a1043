package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/** Provider to session: append the user's message and this answer, and free the session. Repeating it is safe. */
public record SealTurn(
    TurnId turn,
    Tenant tenant,
    long fence,
    String token,
    String text,
    FinishReason finishReason,
    Usage usage,
    String model,
    String provider)
    implements BusMessage {

  public SealTurn {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    requireNonNull(token, "token");
    requireNonNull(text, "text");
    requireNonNull(finishReason, "finishReason");
    requireNonNull(usage, "usage");
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_SEAL;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("tenant", tenant.name())
        .put("fence", fence)
        .put("token", token)
        .put("text", text)
        .put("finish_reason", finishReason.wireName())
        .put("usage", usage.toJson())
        .put("model", model)
        .put("provider", provider);
  }

  static SealTurn fromJson(JsonObject json) {
    return new SealTurn(
        TurnId.parse(json.getString("turn")),
        new Tenant(json.getString("tenant")),
        json.getLong("fence"),
        json.getString("token"),
        json.getString("text"),
        FinishReason.of(json.getString("finish_reason")),
        Usage.fromJson(json.getJsonObject("usage")),
        json.getString("model"),
        json.getString("provider"));
  }
}
