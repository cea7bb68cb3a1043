package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Gc to session: one step of a collection.
 *
 * @param limit how many sessions to look at or remove at most
 * @param orphansOnly settle turns whose holder is gone, and leave expired sessions for the next full run
 */
public record Sweep(int limit, boolean orphansOnly) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.SWEEP;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("limit", limit).put("orphans_only", orphansOnly);
  }

  static Sweep fromJson(JsonObject json) {
    return new Sweep(json.getInteger("limit", 100), json.getBoolean("orphans_only", false));
  }
}
