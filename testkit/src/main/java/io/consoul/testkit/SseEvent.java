package io.consoul.testkit;

import io.vertx.core.json.JsonObject;

/** A server-sent event as it stood on the wire; a field that was not sent is null, and the event's name then "message". */
public record SseEvent(String id, String event, String data) {

  public JsonObject json() {
    return new JsonObject(data);
  }
}
