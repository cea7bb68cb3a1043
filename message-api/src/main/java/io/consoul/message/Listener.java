package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/**
 * Who wants a turn's stream: an inbox, and how many UTF-16 code units may be on their way to it unacknowledged.
 *
 * @param plainJson whether the inbox belongs to a caller that speaks JsonObject instead of records
 */
public record Listener(String inbox, int window, boolean plainJson) {

  public static final int DEFAULT_WINDOW = 16 * 1024;

  public Listener {
    requireNonNull(inbox, "inbox");
    if (window < 1) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("listener.window", "must be at least 1");
    }
  }

  public Listener(String inbox, int window) {
    this(inbox, window, false);
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject().put("inbox", inbox).put("window", window);
    return plainJson ? json.put("plain_json", true) : json;
  }

  static Listener fromJson(JsonObject json) {
    return new Listener(
        json.getString("inbox"),
        json.getInteger("window", DEFAULT_WINDOW),
        json.getBoolean("plain_json", false));
  }
}
