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
