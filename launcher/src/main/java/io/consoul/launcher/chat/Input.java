package io.consoul.launcher.chat;

/** Where the messages come from. */
interface Input {

  /** The next message, or null at the end. */
  String next();
}
