package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Session to gc: what the step did.
 *
 * @param expired sessions removed
 * @param orphans turns settled whose holder was gone
 * @param strays leftovers removed or mended: keys without a time to live, entries of an index without a session, leases
 *     without an owner
 * @param more whether another step would find work at once
 */
public record Swept(int expired, int orphans, int strays, boolean more) implements BusMessage {

  /** Without strays, which only a store outside this process can have. */
  public Swept(int expired, int orphans, boolean more) {
    this(expired, orphans, 0, more);
  }

  @Override
  public WireType wireType() {
    return WireType.SWEPT;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("expired", expired)
        .put("orphans", orphans)
        .put("strays", strays)
        .put("more", more);
  }

  static Swept fromJson(JsonObject json) {
    return new Swept(
        json.getInteger("expired", 0),
        json.getInteger("orphans", 0),
        json.getInteger("strays", 0),
        json.getBoolean("more", false));
  }
}
