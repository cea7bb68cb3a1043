package io.consoul.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.consoul.message.BusCodec;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Work that is spread")
class SpreadTest {

  private static final int KEYS = 3_000;

  private final List<String> keys =
      IntStream.range(0, KEYS).mapToObj(i -> "default:session-" + i).toList();

  @Test
  @DisplayName("goes to every node's share of keys, near enough to an equal one")
  void shares() {
    Map<String, Long> shares = keys.stream()
        .collect(Collectors.groupingBy(key -> owner(key, "a", "b", "c"), Collectors.counting()));

    assertThat(shares).hasSize(3);
    assertThat(shares.values())
        .allSatisfy(share -> assertThat(share).isCloseTo(KEYS / 3L, within(KEYS / 20L)));
  }

  @Test
  @DisplayName("goes to the same node in whatever order the nodes are known")
  void order() {
    List<String> nodes = new ArrayList<>(List.of("a", "b", "c", "d"));
    Map<String, String> before = owners(nodes);

    Collections.reverse(nodes);

    assertThat(owners(nodes)).isEqualTo(before);
  }

  @Test
  @DisplayName("moves only where its node is gone, and comes back when that is")
  void nodeLeaves() {
    Map<String, String> before = owners(List.of("a", "b", "c", "d"));
    Map<String, String> without = owners(List.of("a", "b", "d"));

    assertThat(keys)
        .filteredOn(key -> !before.get(key).equals("c"))
        .allSatisfy(key -> assertThat(without).containsEntry(key, before.get(key)));
    List<String> moved = keys.stream().filter(key -> before.get(key).equals("c")).toList();
    assertThat(moved).extracting(without::get).contains("a", "b", "d").doesNotContain("c");
  }

  @Test
  @DisplayName("moves to a new node as much as that one's share is, and nowhere else")
  void nodeJoins() {
    Map<String, String> before = owners(List.of("a", "b", "c"));
    Map<String, String> with = owners(List.of("a", "b", "c", "d"));

    List<String> moved =
        keys.stream().filter(key -> !with.get(key).equals(before.get(key))).toList();

    assertThat(moved).extracting(with::get).containsOnly("d");
    assertThat(moved.size()).isCloseTo(KEYS / 4, within(KEYS / 20));
  }

  @Test
  @DisplayName("does not all go to the one that had least to do a second ago")
  void noHerd() {
    List<Hello> instances =
        List.of(instance("a", 9), instance("b", 3), instance("c", 4), instance("d", 5));
    Random random = new Random(1);

    Map<String, Long> picked = IntStream.range(0, KEYS)
        .mapToObj(i -> Spread.ofTwo(instances, random).orElseThrow().inbox())
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

    assertThat(picked.get("b")).isLessThan(KEYS / 2);
    assertThat(picked.get("c")).isLessThan(picked.get("b"));
    assertThat(picked.get("d")).isLessThan(picked.get("c"));
    assertThat(picked.get("a")).isLessThan(picked.get("d"));
  }

  @Test
  @DisplayName("goes nowhere where nobody is")
  void nobody() {
    assertThat(Spread.ofTwo(List.of(), new Random(1))).isEmpty();
    assertThat(Spread.nodeFor("key", List.of())).isEmpty();
    assertThat(Spread.instanceFor("key", List.of())).isEmpty();
  }

  private Map<String, String> owners(List<String> nodes) {
    return keys.stream()
        .collect(Collectors.toMap(
            Function.identity(), key -> Spread.nodeFor(key, nodes).orElseThrow()));
  }

  private static String owner(String key, String... nodes) {
    return Spread.nodeFor(key, List.of(nodes)).orElseThrow();
  }

  private static Hello instance(String inbox, int load) {
    return new Hello(
        Kind.PROVIDER, "of-" + inbox, inbox, load, false, false, BusCodec.NEWEST_VERSION);
  }
}
