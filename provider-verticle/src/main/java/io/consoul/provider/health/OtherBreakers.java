package io.consoul.provider.health;

import io.consoul.message.BreakerChanged;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The nodes whose breaker of one provider is not closed, by what they say. They repeat it; who falls silent is forgotten,
 * and so is who leaves the cluster. Safe from every thread.
 */
final class OtherBreakers {

  /** Three repeats missed, and a little more for a node that collects garbage. */
  static final Duration SILENCE = ProviderHealth.REPEAT.multipliedBy(3).plusSeconds(1);

  private final String node;
  private final InstantSource clock;
  private final Predicate<String> isThere;
  private final Map<String, Instant> heard = new ConcurrentHashMap<>();

  /**
   * @param node this one's id
   * @param isThere whether a node is in the cluster
   */
  OtherBreakers(String node, InstantSource clock, Predicate<String> isThere) {
    this.node = node;
    this.clock = clock;
    this.isThere = isThere;
  }

  /** @return whether it is news that this node has trouble */
  boolean heard(BreakerChanged word) {
    forgetTheSilent();
    if (word.state() == BreakerChanged.State.CLOSED) {
      heard.remove(word.node());
      return false;
    }
    return heard.put(word.node(), clock.instant()) == null;
  }

  /** To be called now and then. */
  void forgetTheSilent() {
    Instant limit = clock.instant().minus(SILENCE);
    heard.values().removeIf(last -> last.isBefore(limit));
  }

  /**
   * This node's part of the probes: they are dealt out by the order of the nodes' ids, which is the same everywhere.
   *
   * @param probes of all nodes together
   */
  int shareOf(int probes) {
    forgetTheSilent();
    Stream<String> others = heard.keySet().stream().filter(isThere);
    String[] nodes = Stream.concat(Stream.of(node), others).sorted().toArray(String[]::new);
    int place = Arrays.binarySearch(nodes, node);
    return probes / nodes.length + (place < probes % nodes.length ? 1 : 0);
  }
}
