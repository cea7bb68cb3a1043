package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Session to session: the answer to {@link RecallSession}.
 *
 * @param turns of the session as it is at hand there, or -1 where it is not
 */
public record Recalled(int turns) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.SESSION_RECALLED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("turns", turns);
  }

  static Recalled fromJson(JsonObject json) {
    return new Recalled(json.getInteger("turns", -1));
  }
}
