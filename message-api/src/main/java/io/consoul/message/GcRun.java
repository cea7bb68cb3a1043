package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * A collection that has ended.
 *
 * @param expired sessions removed
 * @param orphans turns settled whose provider was gone
 * @param strays leftovers removed or mended, see {@link Swept}
 * @param skipped session instances that did not answer; what they hold is left to the next run
 */
public record GcRun(
    Instant started,
    long durationMillis,
    boolean orphansOnly,
    int expired,
    int orphans,
    int strays,
    int skipped)
    implements BusMessage {

  public GcRun {
    requireNonNull(started, "started");
  }

  @Override
  public WireType wireType() {
    return WireType.GC_DONE;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("started", started)
        .put("duration_ms", durationMillis)
        .put("orphans_only", orphansOnly)
        .put("expired", expired)
        .put("orphans", orphans)
        .put("strays", strays)
        .put("skipped", skipped);
  }

  static GcRun fromJson(JsonObject json) {
    return new GcRun(
        json.getInstant("started"),
        json.getLong("duration_ms"),
        json.getBoolean("orphans_only"),
        json.getInteger("expired"),
        json.getInteger("orphans"),
        json.getInteger("strays", 0),
        json.getInteger("skipped"));
  }
}
