package io.consoul.launcher.chat;

/** The chat cannot go on; the message is for the user. */
final class ChatFailure extends RuntimeException {

  ChatFailure(String message) {
    super(message, null, false, false);
  }
}
