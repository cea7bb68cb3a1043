package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.SessionId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * What a caller of /chat and /chat/stream wants. Fields that are not known are ignored.
 *
 * @param model for a new session only, or null
 */
record ChatRequest(SessionId session, String message, String model) {

  private static final int MAX_MODEL = 128;

  /** @throws io.consoul.fault.FaultException that names the first field that is wrong */
  static ChatRequest parse(Buffer body) {
    JsonObject json = JsonText.object(body);
    return new ChatRequest(
        new SessionId(required(json, "session_id")), message(json, "message"), model(json));
  }

  /** A user's message, 1 to 32,768 characters. */
  static String message(JsonObject json, String field) {
    String text = required(json, field);
    if (text.isEmpty()) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(field, "must not be empty");
    }
    if (text.length() > BeginTurn.MAX_TEXT
        && text.codePointCount(0, text.length()) > BeginTurn.MAX_TEXT) {
      throw Fault.MESSAGE_TOO_LONG.inField(
          field, "must be at most " + BeginTurn.MAX_TEXT + " characters");
    }
    if (text.codePoints().anyMatch(ChatRequest::isLoneSurrogate)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(field, "must be well-formed Unicode");
    }
    return text;
  }

  /** The field {@code model}, or null where there is none. */
  static String model(JsonObject json) {
    if (json.getValue("model") == null) {
      return null;
    }
    String model = required(json, "model");
    if (model.isEmpty() || model.codePointCount(0, model.length()) > MAX_MODEL) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("model", "must be 1 to 128 characters");
    }
    if (model
        .codePoints()
        .anyMatch(point -> Character.isISOControl(point) || isLoneSurrogate(point))) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("model", "must not hold control characters");
    }
    return model;
  }

  private static String required(JsonObject json, String field) {
    Object value = json.getValue(field);
    if (value == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField(field, "is required");
    }
    if (value instanceof String text) {
      return text;
    }
    throw Fault.FIELD_VALIDATION_FAILED.inField(field, "must be a string");
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
