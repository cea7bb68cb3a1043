package io.consoul.launcher.chat;

/** What happens to a conversation while it waits. A connection is known by its number: an old one's events are void. */
sealed interface Event {

  /** The connection is there. */
  record Opened(int connection) implements Event {}

  /** The upgrade was answered with another status than 101. */
  record Refused(int connection, int status) implements Event {}

  /** A message has come; {@link Link#readOn} asks for another one. */
  record Text(int connection, String text) implements Event {}

  /** The peer has answered a ping. */
  record Alive(int connection) implements Event {}

  /** The connection is gone, or never came to be; nothing follows. */
  record Closed(int connection, int code, String reason) implements Event {

    /** What RFC 6455 calls a connection that broke without a close frame. */
    static final int BROKEN = 1006;

    /** The same, for one whose TLS handshake failed. */
    static final int NO_TLS = 1015;
  }

  /** Ctrl-C. */
  record Interrupted() implements Event {}
}
