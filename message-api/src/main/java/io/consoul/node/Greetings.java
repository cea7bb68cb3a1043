package io.consoul.node;

import io.consoul.message.Hello;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which instances of other nodes are due for a word of ours. Where an inbox is, the event bus looks up in the cluster's shared maps
 * before the first message to it, and remembers it; while a node stands still that keeps this part of the maps, the look-up takes
 * until that node is out of the cluster, which is too long for a lease. So every inbox is written to before it is needed. Confined to
 * one event loop.
 */
final class Greetings {

  /** What was remembered is forgotten when the cluster has parted and comes together again. */
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private final InstantSource clock;
  private final Map<String, Instant> greeted = new HashMap<>();

  Greetings(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Each counts as greeted from now on.
   *
   * @param present all that were heard of lately
   */
  List<String> due(List<Hello> present) {
    Set<String> inboxes = present.stream().map(Hello::inbox).collect(Collectors.toSet());
    greeted.keySet().retainAll(inboxes);
    Instant now = clock.instant();
    List<String> due = inboxes.stream()
        .filter(
            inbox -> !greeted.getOrDefault(inbox, Instant.MIN).plus(INTERVAL).isAfter(now))
        .toList();
    due.forEach(inbox -> greeted.put(inbox, now));
    return due;
  }
}
