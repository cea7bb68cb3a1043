package io.consoul.launcher.chat;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The attempts to come back since the server was last heard. */
final class Attempts {

  private final Patience patience;
  private final LongSupplier nanos;
  private Duration pause;
  private long begin;

  /** @param nanos tells how time passes, as {@link System#nanoTime} does */
  Attempts(Patience patience, LongSupplier nanos) {
    this.patience = patience;
    this.nanos = nanos;
  }

  /** The server was heard: the next loss is a new one. */
  void succeeded() {
    pause = null;
  }

  /** There is a connection again. It may not last, so the pauses go on growing, but the server is not gone. */
  void reached() {
    begin = nanos.getAsLong();
  }

  boolean isFirst() {
    return pause == null;
  }

  /** The pause before the next attempt, or null when it was tried long enough. */
  Duration next() {
    if (pause == null) {
      begin = nanos.getAsLong();
      pause = patience.first();
      return pause;
    }
    if (nanos.getAsLong() - begin > patience.limit().toNanos()) {
      return null;
    }
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(patience.longest()) > 0 ? patience.longest() : twice;
    return pause;
  }
}
