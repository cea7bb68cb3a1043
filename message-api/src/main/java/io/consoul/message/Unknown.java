package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** Sent by a newer node, or garbled. It decodes, so that the handler can refuse it with a proper fault. */
public record Unknown(String name, int frameVersion) implements BusMessage {

  @Override
  public WireType wireType() {
    return WireType.UNKNOWN;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("name", name).put("frame_version", frameVersion);
  }

  static Unknown fromJson(JsonObject json) {
    return new Unknown(json.getString("name"), json.getInteger("frame_version", 0));
  }
}
