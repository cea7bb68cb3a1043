package io.consoul.provider.wire;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;

/**
 * One server-sent event.
 *
 * @param name {@code message} where the server gave none
 */
public record SseEvent(String name, String data) {

  static final String UNNAMED = "message";

  /** The object that the data is, or null when it is none. */
  public JsonObject json() {
    try {
      return Json.decodeValue(data) instanceof JsonObject object ? object : null;
    } catch (DecodeException malformed) {
      return null;
    }
  }
}
