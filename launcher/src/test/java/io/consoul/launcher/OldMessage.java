package io.consoul.launcher;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * A message as a node of frame version 2 had it.
 *
 * @param raw the frame, byte by byte, in place of type and body; else null
 */
record OldMessage(String type, JsonObject body, Buffer raw) {

  /** What it made of a message that it could not read. */
  static final String UNKNOWN = "unknown";

  OldMessage(String type, JsonObject body) {
    this(type, body, null);
  }

  /** Of somebody who writes no frames that anybody reads. */
  static OldMessage raw(Buffer frame) {
    return new OldMessage(null, null, frame);
  }

  String text(String key) {
    return body.getString(key);
  }

  boolean is(String wanted) {
    return wanted.equals(type);
  }
}
