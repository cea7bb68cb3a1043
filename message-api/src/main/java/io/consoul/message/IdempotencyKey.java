package io.consoul.message;

import io.consoul.fault.Fault;

/** Names one wish of a client: however often it is sent, the turn runs once. 1 to 255 characters, no control characters. */
public record IdempotencyKey(String value) {

  public static final int MAX_LENGTH = 255;

  /** @throws io.consoul.fault.FaultException E003 when it breaks these rules */
  public IdempotencyKey {
    if (value == null
        || value.isEmpty()
        || value.codePointCount(0, value.length()) > MAX_LENGTH
        || value.codePoints().anyMatch(Character::isISOControl)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "idempotency_key", "must be 1 to " + MAX_LENGTH + " characters, no control characters");
    }
  }

  /** Null stands for none. */
  public static IdempotencyKey ofNullable(String value) {
    return value == null ? null : new IdempotencyKey(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
