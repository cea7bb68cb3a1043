package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/** Session to session: a turn of this session has ended, and one of yours is the next that waits for it. */
public record SessionFree(SessionId session, Tenant tenant) implements SessionRequest {

  public SessionFree {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_FREE;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("session", session.value()).put("tenant", tenant.name());
  }

  static SessionFree fromJson(JsonObject json) {
    return new SessionFree(SessionId.of(json), Tenant.of(json));
  }
}
