package io.consoul.node;

import io.consoul.message.Hello;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The instances of other nodes, as their hellos tell. Changes come one at a time; it is read from any thread, also meanwhile.
 *
 * <p>Of a node that has left, hellos may still be on their way. They count again as soon as the cluster says that it is back,
 * and after a silence in any case: nobody need hear of a return.
 */
final class Others {

  /** Instances of other nodes: no cluster has so many. */
  static final int MOST_INSTANCES = 20_000;

  /** Nodes that have left within a silence: no cluster has so many. */
  private static final int MOST_DEPARTED = 1_000;

  private record Entry(Hello hello, Instant heard) {}

  private final InstantSource clock;
  private final Duration silence;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final Map<String, Instant> departed = new LinkedHashMap<>();

  /** @param silence after which an instance is gone */
  Others(InstantSource clock, Duration silence) {
    this.clock = clock;
    this.silence = silence;
  }

  synchronized void heard(Hello hello) {
    if (hello.gone()) {
      entries.remove(hello.inbox());
    } else if (!hasDeparted(hello.node()) && hasRoomFor(hello)) {
      entries.put(hello.inbox(), new Entry(hello, clock.instant()));
    }
  }

  synchronized void left(String node) {
    departed.remove(node); // so that it goes to the end
    departed.put(node, clock.instant());
    if (departed.size() > MOST_DEPARTED) {
      departed.remove(departed.keySet().iterator().next());
    }
    entries.values().removeIf(entry -> entry.hello().node().equals(node));
  }

  synchronized void joined(String node) {
    departed.remove(node);
  }

  /** Lets go of whom nothing was heard for too long. */
  synchronized void forgetTheSilent() {
    Instant limit = limit();
    entries.values().removeIf(entry -> entry.heard().isBefore(limit));
    departed.values().removeIf(left -> left.isBefore(limit));
  }

  /** Not only from the next tick on: a second more is long for whoever waits for one that is gone. */
  boolean has(String inbox) {
    Entry entry = entries.get(inbox);
    return entry != null && !entry.heard().isBefore(limit());
  }

  Stream<Hello> hellos() {
    Instant limit = limit();
    return entries.values().stream()
        .filter(entry -> !entry.heard().isBefore(limit))
        .map(Entry::hello);
  }

  private boolean hasRoomFor(Hello hello) {
    return entries.size() < MOST_INSTANCES || entries.containsKey(hello.inbox());
  }

  private boolean hasDeparted(String node) {
    Instant left = departed.get(node);
    return left != null && !left.isBefore(limit());
  }

  /** Whoever was last heard before that is gone. */
  private Instant limit() {
    return clock.instant().minus(silence);
  }
}
