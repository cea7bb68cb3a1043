package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * To session: forget this session, also in the middle of a turn. The reply is {@link Deleted}, or E100 where there is none.
 */
public record DeleteSession(SessionId session, Tenant tenant) implements SessionRequest {

  public DeleteSession {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_DELETE;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("session", session.value()).put("tenant", tenant.name());
  }

  static DeleteSession fromJson(JsonObject json) {
    return new DeleteSession(SessionId.of(json), Tenant.of(json));
  }
}
