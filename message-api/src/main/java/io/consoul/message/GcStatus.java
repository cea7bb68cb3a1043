package io.consoul.message;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * Gc to whoever asked.
 *
 * @param running whether a collection is under way
 * @param runs full collections since the start of this instance
 * @param expired sessions removed since then
 * @param orphans turns settled since then
 * @param strays leftovers removed or mended since then
 * @param lastRun the newest full collection, or null
 * @param nextRun when the next full collection is due, or null where the interval is off
 */
public record GcStatus(
    boolean running,
    long runs,
    long expired,
    long orphans,
    long strays,
    GcRun lastRun,
    Instant nextRun)
    implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.GC_STATUS;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("running", running)
        .put("runs", runs)
        .put("expired", expired)
        .put("orphans", orphans)
        .put("strays", strays)
        .put("last_run", lastRun == null ? null : lastRun.toJson())
        .put("next_run", nextRun);
  }

  static GcStatus fromJson(JsonObject json) {
    JsonObject lastRun = json.getJsonObject("last_run");
    return new GcStatus(
        json.getBoolean("running"),
        json.getLong("runs"),
        json.getLong("expired"),
        json.getLong("orphans"),
        json.getLong("strays", 0L),
        lastRun == null ? null : GcRun.fromJson(lastRun),
        json.getInstant("next_run"));
  }
}
