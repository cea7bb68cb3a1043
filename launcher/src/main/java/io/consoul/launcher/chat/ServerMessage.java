package io.consoul.launcher.chat;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/** A message of the server, as far as this client knows it. */
sealed interface ServerMessage {

  /**
   * A piece of the answer.
   *
   * @param turn null where the server does not tell
   * @param offset place of its first character, or -1 where the server does not tell
   * @param cuts how often the answer was cut back up to here
   */
  record Token(String turn, int offset, String text, int cuts) implements ServerMessage {}

  /** The turn is stored. */
  record Done(String turn, String finishReason, Integer tokens, Integer millis)
      implements ServerMessage {}

  /**
   * A message has failed.
   *
   * @param turn null where it is about no turn: a message that could not be taken, a cancel
   */
  record Failed(String turn, String code, String message, boolean recoverable, Integer retryAfter)
      implements ServerMessage {}

  /** Of a type that came later than this client, or not understood. */
  record Unknown() implements ServerMessage {}

  static ServerMessage of(String text) {
    try {
      JsonObject message = new JsonObject(text);
      JsonObject data = message.getJsonObject("data", new JsonObject());
      return switch (message.getString("type", "")) {
        case "token" ->
          new Token(
              data.getString("turn_id"),
              data.getInteger("offset", -1),
              data.getString("text", ""),
              data.getInteger("cuts", 0));
        case "done" -> done(data);
        case "error" ->
          new Failed(
              data.getString("turn_id"),
              data.getString("code", "E999"),
              data.getString("message", "The server tells no reason."),
              data.getBoolean("recoverable", false),
              data.getInteger("retry_after"));
        default -> new Unknown();
      };
    } catch (DecodeException | ClassCastException | NullPointerException malformed) {
      return new Unknown();
    }
  }

  private static ServerMessage done(JsonObject data) {
    JsonObject usage = data.getJsonObject("usage", new JsonObject());
    return new Done(
        data.getString("turn_id"),
        data.getString("finish_reason", "stop"),
        usage.getInteger("output_tokens"),
        usage.getInteger("duration_ms"));
  }
}
