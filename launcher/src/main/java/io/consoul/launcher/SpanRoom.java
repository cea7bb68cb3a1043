package io.consoul.launcher;

import io.micrometer.core.instrument.Counter;
import java.util.concurrent.atomic.AtomicInteger;

/** How many spans wait for the collector, and how many never got there. Used from many threads. */
final class SpanRoom {

  private final int most;
  private final Counter dropped;
  private final AtomicInteger waiting = new AtomicInteger();

  SpanRoom(int most, Counter dropped) {
    this.most = most;
    this.dropped = dropped;
  }

  /** @return whether there is room for one more; else it is dropped */
  boolean enter() {
    if (waiting.incrementAndGet() <= most) {
      return true;
    }
    waiting.decrementAndGet();
    dropped.increment();
    return false;
  }

  /** So many are on their way. */
  void leave(int spans) {
    waiting.addAndGet(-spans);
  }

  /** So many of those that were on their way have not been taken. */
  void refused(int spans) {
    dropped.increment(spans);
  }
}
