package io.consoul.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What has come in from a peer so far, in order; the test thread waits on it instead of sleeping. */
final class Arrivals<T> {

  private static final int SHOWN = 40;

  private final String source;
  private final List<T> all = new ArrayList<>();
  private String end;

  Arrivals(String source) {
    this.source = source;
  }

  synchronized void add(T one) {
    all.add(one);
    notifyAll();
  }

  /** Nothing will come any more; the first reason counts. */
  synchronized void end(String reason) {
    if (end == null) {
      end = reason;
      notifyAll();
    }
  }

  synchronized List<T> all() {
    return List.copyOf(all);
  }

  synchronized boolean ended() {
    return end != null;
  }

  /**
   * The place of the first one that fits, from a place on; it may have come already.
   *
   * @throws AssertionError with what has come, if none fits in time or will come any more
   */
  synchronized int await(int from, Predicate<? super T> fitting, String wanted, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    int at = from;
    while (true) {
      for (; at < all.size(); at++) {
        if (fitting.test(all.get(at))) {
          return at;
        }
      }
      if (end != null) {
        throw new AssertionError("no " + wanted + " before the end; " + description());
      }
      waitUntil(deadline, "no " + wanted + " within " + limit);
    }
  }

  /** Whether there is one at this place, or comes to it within the limit. */
  synchronized boolean hasCome(int place, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    long millis = limit.toMillis();
    while (place >= all.size() && end == null && millis > 0) {
      pause(millis);
      millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    }
    return place < all.size();
  }

  synchronized T get(int place) {
    return all.get(place);
  }

  synchronized void awaitEnd(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (end == null) {
      waitUntil(deadline, "no end within " + limit);
    }
  }

  /** For messages of failures: the newest arrivals and the reason of the end. */
  synchronized String description() {
    int hidden = Math.max(0, all.size() - SHOWN);
    return source + (end == null ? " is open" : " has ended (" + end + ")") + "; received "
        + all.size() + ": " + (hidden == 0 ? "" : "… ") + all.subList(hidden, all.size());
  }

  private void waitUntil(long deadline, String failure) {
    long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    if (millis <= 0) {
      throw new AssertionError(failure + "; " + description());
    }
    pause(millis);
  }

  private synchronized void pause(long millis) {
    try {
      wait(millis);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted; " + description(), interrupted);
    }
  }
}
