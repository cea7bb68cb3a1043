package io.consoul.testkit;

/** A request that the real API would not take; the message says why. */
final class InvalidRequest extends RuntimeException {

  private static final long serialVersionUID = 1;

  InvalidRequest(String message) {
    super(message);
  }

  static void unless(boolean valid, String message) {
    if (!valid) {
      throw new InvalidRequest(message);
    }
  }
}
