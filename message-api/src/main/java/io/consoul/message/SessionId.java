package io.consoul.message;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/** A conversation's name, chosen by its client: 1 to 128 characters, no control characters, well-formed Unicode. */
public record SessionId(String value) {

  public static final int MAX_LENGTH = 128;

  /** @throws io.consoul.fault.FaultException E004 when the id breaks these rules */
  public SessionId {
    if (value == null || value.isEmpty()) {
      throw Fault.SESSION_ID_INVALID.inField("session_id", "must not be empty");
    }
    if (value.codePointCount(0, value.length()) > MAX_LENGTH) {
      throw Fault.SESSION_ID_INVALID.inField(
          "session_id", "must be at most " + MAX_LENGTH + " characters");
    }
    if (value.codePoints().anyMatch(Character::isISOControl)) {
      throw Fault.SESSION_ID_INVALID.inField("session_id", "must not hold control characters");
    }
    if (value.codePoints().anyMatch(SessionId::isLoneSurrogate)) {
      // It has no UTF-8 form: two different ids would become the same key.
      throw Fault.SESSION_ID_INVALID.inField("session_id", "must be well-formed Unicode");
    }
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  @Override
  public String toString() {
    return value;
  }

  /** Of a message; E002 where it is missing. */
  static SessionId of(JsonObject message) {
    String value = message.getString("session");
    if (value == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("session", "is required");
    }
    return new SessionId(value);
  }
}
