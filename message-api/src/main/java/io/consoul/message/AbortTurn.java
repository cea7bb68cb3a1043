package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/** Provider to session: nothing was said; free the session as if the turn had never been. */
public record AbortTurn(TurnId turn, Tenant tenant, long fence, String token)
    implements BusMessage {

  public AbortTurn {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    requireNonNull(token, "token");
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_ABORT;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("turn", turn.value())
        .put("tenant", tenant.name())
        .put("fence", fence)
        .put("token", token);
  }

  static AbortTurn fromJson(JsonObject json) {
    return new AbortTurn(
        TurnId.parse(json.getString("turn")),
        new Tenant(json.getString("tenant")),
        json.getLong("fence"),
        json.getString("token"));
  }
}
