package io.consoul.testkit;

import io.consoul.message.BusMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What a scripted peer has received, in order; a test waits on it instead of sleeping. */
public final class Received {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<BusMessage> messages = new ArrayList<>();

  synchronized void add(BusMessage message) {
    messages.add(message);
    notifyAll();
  }

  public synchronized List<BusMessage> all() {
    return List.copyOf(messages);
  }

  public synchronized <M extends BusMessage> List<M> all(Class<M> type) {
    return messages.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** The first message of this type, which may have come already. */
  public <M extends BusMessage> M await(Class<M> type) {
    return await(type, message -> true);
  }

  /** The first message of this type that fits. */
  public <M extends BusMessage> M await(Class<M> type, Predicate<M> fitting) {
    return await(type, fitting, 1).get(0);
  }

  /** At least so many messages of this type. */
  public <M extends BusMessage> List<M> await(Class<M> type, int count) {
    return await(type, message -> true, count);
  }

  private synchronized <M extends BusMessage> List<M> await(
      Class<M> type, Predicate<M> fitting, int count) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      List<M> found = all(type).stream().filter(fitting).toList();
      if (found.size() >= count) {
        return found;
      }
      long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (millis <= 0) {
        throw new AssertionError(
            "no such " + type.getSimpleName() + " within " + LIMIT + "; received: " + messages);
      }
      try {
        wait(millis);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", interrupted);
      }
    }
  }
}
