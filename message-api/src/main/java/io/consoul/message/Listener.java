package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/**
 * Who wants a turn's stream: an inbox, and how many UTF-16 code units may be on their way to it unacknowledged.
 *
 * @param id the owner of the inbox gives it, to tell its streams apart; it comes back as {@code listener_id} in every
 *     message of the stream and goes with every credit. Up to 2^53, so that every JSON reader keeps it
 * @param plainJson whether the inbox belongs to a caller that speaks JsonObject instead of records
 */
public record Listener(String inbox, long id, int window, boolean plainJson) {

  public static final int DEFAULT_WINDOW = 16 * 1024;

  /** The id of a listener whose inbox takes one stream of a turn only. */
  public static final long ONLY = 0;

  private static final String NUMBER = "listener_id";

  public Listener {
    requireNonNull(inbox, "inbox");
    if (window < 1) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("listener.window", "must be at least 1");
    }
  }

  public Listener(String inbox, int window) {
    this(inbox, ONLY, window, false);
  }

  /** The same listener, that speaks JsonObject. */
  public Listener inPlainJson() {
    return new Listener(inbox, id, window, true);
  }

  public JsonObject toJson() {
    JsonObject json = new JsonObject().put("inbox", inbox).put("window", window);
    if (id != ONLY) {
      json.put("id", id);
    }
    return plainJson ? json.put("plain_json", true) : json;
  }

  public static Listener fromJson(JsonObject json) {
    return new Listener(
        json.getString("inbox"),
        json.getLong("id", ONLY),
        json.getInteger("window", DEFAULT_WINDOW),
        json.getBoolean("plain_json", false));
  }

  /** Notes in a message for whom of an inbox it is, or from whom. */
  static JsonObject number(JsonObject message, long id) {
    return id == ONLY ? message : message.put(NUMBER, id);
  }

  static long number(JsonObject message) {
    return message.getLong(NUMBER, ONLY);
  }
}
