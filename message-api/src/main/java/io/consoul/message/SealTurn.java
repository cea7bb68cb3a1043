package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Provider to session: append the user's message and this answer, and free the session. Repeating it is safe.
 *
 * @param rescues as {@link Completed} tells them, for those who ask for the turn later, as is the failure
 * @param cuts of the answer
 * @param failure why the text is not the whole answer; null where it is
 */
public record SealTurn(
    TurnId turn,
    Tenant tenant,
    long fence,
    String token,
    String text,
    FinishReason finishReason,
    Usage usage,
    String model,
    String provider,
    int rescues,
    Cuts cuts,
    Failed failure)
    implements BusMessage {

  public SealTurn {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    requireNonNull(token, "token");
    requireNonNull(text, "text");
    requireNonNull(finishReason, "finishReason");
    requireNonNull(usage, "usage");
    requireNonNull(cuts, "cuts");
  }

  public SealTurn(
      TurnId turn,
      Tenant tenant,
      long fence,
      String token,
      String text,
      FinishReason finishReason,
      Usage usage,
      String model,
      String provider) {
    this(
        turn, tenant, fence, token, text, finishReason, usage, model, provider, 0, Cuts.NONE, null);
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
        .put("provider", provider)
        .put("rescues", rescues)
        .put("cuts", cuts.isEmpty() ? null : cuts.toJson())
        .put("failure", failure == null ? null : failure.toJson());
  }

  static SealTurn fromJson(JsonObject json) {
    JsonObject failure = json.getJsonObject("failure");
    return new SealTurn(
        TurnId.parse(json.getString("turn")),
        new Tenant(json.getString("tenant")),
        json.getLong("fence"),
        json.getString("token"),
        json.getString("text"),
        FinishReason.of(json.getString("finish_reason")),
        Usage.fromJson(json.getJsonObject("usage")),
        json.getString("model"),
        json.getString("provider"),
        json.getInteger("rescues", 0),
        Cuts.fromJson(json.getJsonArray("cuts")),
        failure == null ? null : Failed.fromJson(failure));
  }
}
