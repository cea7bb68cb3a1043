package io.consoul.testkit;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** A whole HTTP response as a client has received it. */
public record HttpAnswer(int status, MultiMap headers, Buffer body) {

  /** The value of a header, or null. */
  public String header(String name) {
    return headers.get(name);
  }

  public String text() {
    return body.toString();
  }

  /**
   * The body as an object.
   *
   * @throws AssertionError with the body where it is none
   */
  public JsonObject json() {
    try {
      return new JsonObject(body);
    } catch (RuntimeException notJson) {
      throw new AssertionError("not a JSON object, status " + status + ": " + text(), notJson);
    }
  }

  @Override
  public String toString() {
    return status + " " + text();
  }
}
