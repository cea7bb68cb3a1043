package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/** Session to whoever asked: nothing of the session is left. */
public record Deleted(SessionId session) implements BusMessage {

  public Deleted {
    requireNonNull(session, "session");
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_DELETED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("session", session.value());
  }

  static Deleted fromJson(JsonObject json) {
    return new Deleted(SessionId.of(json));
  }
}
