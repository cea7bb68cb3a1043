package io.consoul.launcher;

/** The server could not start; the message is one line for the user. */
final class StartException extends RuntimeException {

  StartException(String message) {
    super(message, null, false, false);
  }
}
