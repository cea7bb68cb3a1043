package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/** Session to session, in an outage of the store: if you have this session at hand, put it where all can use it. */
public record RecallSession(SessionId session, Tenant tenant) implements SessionRequest {

  public RecallSession {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_RECALL;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("session", session.value()).put("tenant", tenant.name());
  }

  static RecallSession fromJson(JsonObject json) {
    return new RecallSession(SessionId.of(json), Tenant.of(json));
  }
}
