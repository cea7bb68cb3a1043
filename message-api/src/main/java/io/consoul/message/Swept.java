package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Session to gc: what the step did.
 *
 * @param expired sessions removed
 * @param orphans turns settled whose holder was gone
 * @param more whether another step would find work at once
 */
public record Swept(int expired, int orphans, boolean more) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.SWEPT;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("expired", expired).put("orphans", orphans).put("more", more);
  }

  static Swept fromJson(JsonObject json) {
    return new Swept(
        json.getInteger("expired", 0),
        json.getInteger("orphans", 0),
        json.getBoolean("more", false));
  }
}
