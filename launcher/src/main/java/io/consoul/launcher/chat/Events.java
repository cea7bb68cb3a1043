package io.consoul.launcher.chat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Brings what happens on other threads to the one that leads the conversation, so that nothing else needs a lock. It is
 * bounded by what is read from the connection without being asked for.
 */
final class Events {

  private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>();

  void add(Event event) {
    queue.add(event);
  }

  /** The next one, or null after this time. */
  Event next(Duration limit) {
    try {
      return queue.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new ChatFailure("Interrupted.");
    }
  }

  /** One that has happened already, or null. */
  Event past() {
    return queue.poll();
  }
}
