package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/** Session to session: this session's turns run with us now; what you have at hand of it grows old. */
public record SessionMoved(SessionId session, Tenant tenant) implements SessionRequest {

  public SessionMoved {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_MOVED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("session", session.value()).put("tenant", tenant.name());
  }

  static SessionMoved fromJson(JsonObject json) {
    return new SessionMoved(SessionId.of(json), Tenant.of(json));
  }
}
