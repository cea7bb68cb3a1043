package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/** To session: what is known of this session? The reply is {@link SessionInfo}, or E100. */
public record ReadSession(SessionId session, Tenant tenant) implements SessionRequest {

  public ReadSession {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_GET;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("session", session.value()).put("tenant", tenant.name());
  }

  static ReadSession fromJson(JsonObject json) {
    return new ReadSession(SessionId.of(json), Tenant.of(json));
  }
}
