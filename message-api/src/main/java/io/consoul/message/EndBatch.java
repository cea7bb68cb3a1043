package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Gateway to session: no further turn of this batch comes, although none was said to be the last. The session is free again
 * when the turn has ended that may be running. An event: without it the session is free after a lease.
 */
public record EndBatch(SessionId session, Tenant tenant, String batch) implements SessionRequest {

  public EndBatch {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
    requireNonNull(batch, "batch");
  }

  @Override
  public WireType wireType() {
    return WireType.BATCH_END;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("session", session.value())
        .put("tenant", tenant.name())
        .put("batch", batch);
  }

  static EndBatch fromJson(JsonObject json) {
    return new EndBatch(SessionId.of(json), Tenant.of(json), json.getString("batch"));
  }
}
