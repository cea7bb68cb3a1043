package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * To gc: collect now. The reply is {@link GcRun} when it is done, {@link GcStatus} when that takes longer than 2 s.
 *
 * @param orphansOnly settle turns whose provider is gone, and leave expired sessions
 */
public record RunGc(boolean orphansOnly) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.GC_RUN;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("orphans_only", orphansOnly);
  }

  static RunGc fromJson(JsonObject json) {
    return new RunGc(json.getBoolean("orphans_only", false));
  }
}
