package io.consoul.launcher.tryout;

/** The cluster could not be started; the message is for the user. */
final class TryoutException extends RuntimeException {

  TryoutException(String message) {
    super(message, null, false, false);
  }
}
