package io.consoul.launcher.chat;

import io.vertx.core.json.JsonObject;

/** The way to the server, one connection at a time. Nothing here waits: what comes of it is an {@link Event}. */
interface Link {

  /** Begins a new connection in place of the last; its number is in its events. */
  int open();

  void send(JsonObject message);

  /** A text has been dealt with, another may come. */
  void readOn();

  /** Asks the peer for a sign of life. */
  void ping();

  /** Gives the connection up without a farewell; nothing more is heard of it. */
  void drop();
}
