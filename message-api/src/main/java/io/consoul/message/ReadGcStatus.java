package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** To gc: how is it going? The reply is {@link GcStatus}. */
public record ReadGcStatus() implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.GC_STATUS_GET;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject();
  }

  static ReadGcStatus fromJson(JsonObject json) {
    return new ReadGcStatus();
  }
}
