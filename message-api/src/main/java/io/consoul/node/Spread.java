package io.consoul.node;

import io.consoul.message.Hello;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** How work is spread over instances that all could take it. */
final class Spread {

  private static final long ODD = 0x9E37_79B9_7F4A_7C15L;

  private Spread() {}

  /**
   * The less loaded one of two that are drawn. What others have to do is known from a second ago: if everybody took the least
   * loaded one of then, all would fall upon the same.
   */
  static Optional<Hello> ofTwo(List<Hello> instances, RandomGenerator random) {
    if (instances.isEmpty()) {
      return Optional.empty();
    }
    Hello one = instances.get(random.nextInt(instances.size()));
    Hello other = instances.get(random.nextInt(instances.size()));
    return Optional.of(one.load() <= other.load() ? one : other);
  }

  /**
   * The node that a key belongs to: the same one wherever it is asked. When a node leaves only its own keys go elsewhere, and
   * a new one takes a part of everybody's.
   */
  static Optional<String> nodeFor(String key, Collection<String> nodes) {
    return nodes.stream()
        .max(Comparator.<String>comparingLong(node -> weight(node, key))
            .thenComparing(Comparator.naturalOrder()));
  }

  /** The instance of a node that a key belongs to, always the same one as long as its instances stay the same. */
  static Optional<Hello> instanceFor(String key, List<Hello> instances) {
    if (instances.isEmpty()) {
      return Optional.empty();
    }
    List<Hello> ordered =
        instances.stream().sorted(Comparator.comparing(Hello::inbox)).toList();
    return Optional.of(ordered.get(Math.floorMod(spread(key.hashCode()), ordered.size())));
  }

  private static long weight(String node, String key) {
    return mixed(mixed(node.hashCode() * ODD) + key.hashCode() * ODD);
  }

  /** Every bit of the result depends on every bit of the number. */
  private static long mixed(long number) {
    long once = (number ^ (number >>> 33)) * 0xFF51_AFD7_ED55_8CCDL;
    long twice = (once ^ (once >>> 33)) * 0xC4CE_B9FE_1A85_EC53L;
    return twice ^ (twice >>> 33);
  }

  /** String hashes of similar ids differ in their low bits only; this mixes them. */
  private static int spread(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed ^ (mixed >>> 16);
  }
}
