package io.consoul.redis;

import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One instance's connections to all servers that take writes, and which servers these are. Confined to one event loop. */
final class RedisConnections {

  private final RedisDialer dialer;
  private final RedisFinder finder;
  private final int max;
  private final RedisTraffic traffic;
  private final Consumer<RedisNode> lost;
  private final Map<RedisNode, RedisWires> wires = new HashMap<>();
  private Future<RedisMasters> masters;

  /**
   * @param max over all servers; each has at least one
   * @param lost told when a connection to the server was closed by it or by the network
   */
  RedisConnections(
      RedisConfig config,
      RedisDialer dialer,
      int max,
      RedisTraffic traffic,
      Consumer<RedisNode> lost) {
    this.dialer = dialer;
    this.finder = new RedisFinder(config, dialer);
    this.max = max;
    this.traffic = traffic;
    this.lost = lost;
  }

  /** As they were when they were last asked for, unless they are to be forgotten. */
  Future<RedisMasters> masters() {
    if (masters == null) {
      Future<RedisMasters> finding = finder.find();
      masters = finding;
      finding.onComplete(this::closeAllBut, failure -> {
        if (masters == finding) {
          masters = null;
        }
      });
    }
    return masters;
  }

  /** Whoever needs them next asks anew. */
  void forgetMasters() {
    if (masters != null && masters.isComplete()) {
      masters = null;
    }
  }

  /** @param servers how many share the connections */
  RedisWires to(RedisNode node, int servers) {
    return wires.computeIfAbsent(
        node,
        to -> new RedisWires(
            dialer, to, (max + servers - 1) / servers, traffic, () -> lost.accept(to)));
  }

  /** The server has none left, though it had one: replaces it. */
  Future<RedisWire> replace(RedisNode node) {
    RedisWires there = wires.get(node);
    if (there == null || !there.isEmpty()) {
      return Future.succeededFuture();
    }
    forgetMasters();
    return there.dial();
  }

  int size() {
    return wires.values().stream().mapToInt(RedisWires::size).sum();
  }

  void closeAll() {
    List<RedisWires> all = List.copyOf(wires.values());
    wires.clear();
    masters = null;
    all.forEach(RedisWires::close);
  }

  private void closeAllBut(RedisMasters known) {
    List.copyOf(wires.keySet()).stream()
        .filter(node -> !known.has(node))
        .forEach(node -> wires.remove(node).close());
  }
}
