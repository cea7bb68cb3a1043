package io.consoul.launcher.chat;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A conversation's way to the server: one connection at a time, sought again when it is lost, for as long as patience lasts. */
final class Contact {

  private enum State {
    CLOSED,
    PAUSING,
    OPENING,
    OPEN
  }

  /** The connection has its own, shorter limit; this one is for the case that it says nothing. */
  private static final Duration OPENING_LIMIT = Duration.ofSeconds(30);

  private final Link link;
  private final Patience patience;
  private final Runnable seeking;
  private final Supplier<ChatFailure> gaveUp;
  private final Attempts attempts;
  private State state = State.CLOSED;
  private int connection;
  private long deadline;
  private boolean signAwaited;

  /**
   * @param nanos tells the time of the attempts to come back
   * @param seeking called when the connection is lost, once until the server is heard again
   * @param gaveUp thrown when it does not come back
   */
  Contact(
      Link link,
      Patience patience,
      LongSupplier nanos,
      Runnable seeking,
      Supplier<ChatFailure> gaveUp) {
    this.link = link;
    this.patience = patience;
    this.seeking = seeking;
    this.gaveUp = gaveUp;
    this.attempts = new Attempts(patience, nanos);
  }

  void open() {
    connection = link.open();
    become(State.OPENING, OPENING_LIMIT);
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /** Whether the connection of this number is the one that counts. */
  boolean isBy(int number) {
    return number == connection;
  }

  /** Until something is to be heard, or {@link #timeUp} is to be called. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  /** Nothing was heard for as long as {@link #left} has said. */
  void timeUp() {
    switch (state) {
      case PAUSING, CLOSED -> open();
      case OPENING -> lost();
      case OPEN -> {
        if (signAwaited) {
          lost();
        } else {
          signAwaited = true;
          become(State.OPEN, patience.silence());
          link.ping();
        }
      }
    }
  }

  /** The connection is there, and may not last. */
  void opened() {
    heard();
    attempts.reached();
  }

  void heard() {
    signAwaited = false;
    become(State.OPEN, patience.silence());
  }

  /** All is well: the next loss is a new one. */
  void settled() {
    attempts.succeeded();
  }

  void closed() {
    state = State.CLOSED;
  }

  /** Gives the connection up, and looks for another one after a pause. */
  void lost() {
    link.drop();
    if (attempts.isFirst()) {
      seeking.run();
    }
    Duration pause = attempts.next();
    if (pause == null) {
      throw gaveUp.get();
    }
    become(State.PAUSING, pause);
  }

  void drop() {
    link.drop();
    state = State.CLOSED;
  }

  void send(JsonObject message) {
    link.send(message);
  }

  /** A text has been dealt with, another may come. */
  void readOn() {
    link.readOn();
  }

  private void become(State next, Duration limit) {
    state = next;
    deadline = System.nanoTime() + limit.toNanos();
  }
}
