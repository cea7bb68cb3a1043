package io.consoul.redis;

import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** The servers that take writes, and which of them has which slots; without a cluster one server has all. */
final class RedisMasters {

  private record Range(int last, RedisNode node) {}

  private final TreeMap<Integer, Range> ranges = new TreeMap<>();
  private final TreeSet<RedisNode> nodes = new TreeSet<>();

  static RedisMasters only(RedisNode node) {
    return new RedisMasters().add(0, RedisSlot.COUNT - 1, node);
  }

  RedisMasters add(int first, int last, RedisNode node) {
    ranges.put(first, new Range(last, node));
    nodes.add(node);
    return this;
  }

  /** In an order of their own, always the same. */
  List<RedisNode> nodes() {
    return List.copyOf(nodes);
  }

  boolean has(RedisNode node) {
    return nodes.contains(node);
  }

  /** @param slot or -1 where any server will do
   * @return null where no server has the slot */
  RedisNode of(int slot) {
    if (slot < 0) {
      return nodes.isEmpty() ? null : nodes.first();
    }
    var entry = ranges.floorEntry(slot);
    return entry == null || entry.getValue().last < slot ? null : entry.getValue().node;
  }
}
