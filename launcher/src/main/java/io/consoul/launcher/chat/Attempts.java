package io.consoul.launcher.chat;

import java.time.Duration;

/** The attempts to come back since the server was last heard. */
final class Attempts {

  private final Patience patience;
  private Duration pause;
  private long begin;

  Attempts(Patience patience) {
    this.patience = patience;
  }

  /** The server was heard: the next loss is a new one. */
  void succeeded() {
    pause = null;
  }

  /** There is a connection again. It may not last, so the pauses go on growing, but the server is not gone. */
  void reached() {
    begin = System.nanoTime();
  }

  boolean isFirst() {
    return pause == null;
  }

  /** The pause before the next attempt, or null when it was tried long enough. */
  Duration next() {
    if (pause == null) {
      begin = System.nanoTime();
      pause = patience.first();
      return pause;
    }
    if (System.nanoTime() - begin > patience.limit().toNanos()) {
      return null;
    }
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(patience.longest()) > 0 ? patience.longest() : twice;
    return pause;
  }
}
