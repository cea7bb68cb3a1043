package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** Published when a session comes into being or is gone. */
public record SessionChanged(SessionId session, Tenant tenant, Change change)
    implements BusMessage {

  /** What became of it. */
  public enum Change {
    CREATED,
    EXPIRED,
    DELETED
  }

  public SessionChanged {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
    requireNonNull(change, "change");
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_CHANGED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("session", session.value())
        .put("tenant", tenant.name())
        .put("change", change.name().toLowerCase(Locale.ROOT));
  }

  static SessionChanged fromJson(JsonObject json) {
    return new SessionChanged(
        SessionId.of(json),
        Tenant.of(json),
        Change.valueOf(json.getString("change").toUpperCase(Locale.ROOT)));
  }
}
