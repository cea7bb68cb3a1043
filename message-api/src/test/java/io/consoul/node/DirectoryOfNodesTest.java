package io.consoul.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.Addresses;
import io.consoul.message.BusCodec;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.StoreState;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The directory, of the nodes of a cluster,")
class DirectoryOfNodesTest {

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private Node node;
  private Directory directory;

  @BeforeEach
  void join(Vertx vertx) throws Exception {
    node = Node.join(vertx, now::get).await(20, SECONDS);
    directory = node.directory();
  }

  @Test
  @DisplayName("forgets all instances of one that has left at once, and no others")
  void left() {
    hear("a", "a1", 0);
    hear("a", "a2", 0);
    hear("b", "b1", 0);

    directory.nodeLeft("a");

    assertThat(directory.knowsNode("a")).isFalse();
    assertThat(directory.knows("a1")).isFalse();
    assertThat(directory.serving(Kind.PROVIDER)).extracting(Hello::inbox).containsExactly("b1");
    assertThat(directory.nodes()).isEqualTo(2);
  }

  @Test
  @DisplayName("is not misled by hellos of one that has left, which were still on their way")
  void lateHello() {
    hear("a", "a1", 0);
    directory.nodeLeft("a");

    say("a", "a1");
    hear("b", "b1", 0); // it comes behind the one before

    assertThat(directory.knows("a1")).isFalse();
  }

  @Test
  @DisplayName("hears one that has come back from the moment on that the cluster says so")
  void joinedAgain() {
    hear("a", "a1", 0);
    directory.nodeLeft("a");

    directory.nodeJoined("a");

    hear("a", "a1", 0);
    assertThat(directory.pick(Kind.PROVIDER)).map(Hello::inbox).contains("a1");
  }

  @Test
  @DisplayName("hears one that has come back unannounced after the silence of one that is gone")
  void backUnannounced() {
    hear("a", "a1", 0);
    directory.nodeLeft("a");
    now.set(now.get().plus(Directory.SILENCE).plusMillis(1));

    hear("a", "a1", 0);

    assertThat(directory.knowsNode("a")).isTrue();
  }

  @Test
  @DisplayName("does not mind that one leaves of which it has never heard, or one joins twice")
  void unknownNode() {
    directory.nodeLeft("never seen");
    directory.nodeJoined("b");
    directory.nodeJoined("b");

    hear("b", "b1", 0);
    assertThat(directory.nodes()).isEqualTo(2);
  }

  @Test
  @DisplayName("spreads work over them, the more of it to one the less that has to do")
  void spread() {
    hear("a", "a1", 0);
    hear("b", "b1", 5);
    hear("c", "c1", 9);

    Map<String, Long> picked = IntStream.range(0, 2_000)
        .mapToObj(i -> directory.pick(Kind.PROVIDER).orElseThrow().node())
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

    assertThat(picked.get("a")).isGreaterThan(picked.get("b")).isLessThan(1_500);
    assertThat(picked.get("b")).isGreaterThan(picked.get("c"));
    assertThat(picked.get("c")).isPositive();
  }

  @Test
  @DisplayName("gives work that not everybody understands to one that says it does")
  void byVersion() {
    hear(new Hello(Kind.PROVIDER, "old", "old1", 0, false, false, BusCodec.RESUMING - 1));
    assertThat(directory.pickOther(Kind.PROVIDER, Set.of(), BusCodec.RESUMING)).isEmpty();

    hear(new Hello(Kind.PROVIDER, "new", "new1", 100, false, false, BusCodec.RESUMING));

    assertThat(directory.pickOther(Kind.PROVIDER, Set.of(), BusCodec.RESUMING))
        .map(Hello::inbox)
        .contains("new1");
    assertThat(directory.pickOther(Kind.PROVIDER, Set.of("new1"), BusCodec.RESUMING))
        .isEmpty();
    assertThat(directory.pickOther(Kind.PROVIDER, Set.of("new1")))
        .map(Hello::inbox)
        .contains("old1");
  }

  @Test
  @DisplayName("sends nothing to one that drains or is gone, and a key's other keys stay")
  void drainingNode() {
    List.of("a", "b", "c").forEach(id -> hearSession(id, false));
    Map<String, String> before = owners();
    assertThat(before).containsValues("a1", "b1", "c1");

    hearSession("b", true);
    await().until(() -> directory.serving(Kind.SESSION).size() == 2);

    assertThat(owners()).allSatisfy((key, owner) -> {
      if (before.get(key).equals("b1")) {
        assertThat(owner).isIn("a1", "c1");
      } else {
        assertThat(owner).isEqualTo(before.get(key));
      }
    });
    directory.nodeLeft("a");
    assertThat(owners().values()).containsOnly("c1");
  }

  @Test
  @DisplayName("gives a key to a node that reaches its store, whosever it would be else")
  void storesAway() {
    hearSession("a", "a1", StoreState.DEGRADED);
    hearSession("b", "b1", StoreState.REDIS);
    hearSession("b", "b2", StoreState.DOWN); // which has not yet heard that it is back
    hearSession("c", "c1", StoreState.DOWN);

    assertThat(owners().values()).containsOnly("b1", "b2").contains("b1", "b2");
  }

  private Map<String, String> owners() {
    return IntStream.range(0, 60)
        .mapToObj(i -> "default:s-" + i)
        .collect(Collectors.toMap(
            Function.identity(),
            key -> directory.pickFor(Kind.SESSION, key).orElseThrow().inbox()));
  }

  private void hear(String from, String inbox, int load) {
    hear(new Hello(Kind.PROVIDER, from, inbox, load, false, false, BusCodec.NEWEST_VERSION));
  }

  private void hearSession(String from, boolean draining) {
    hear(new Hello(
        Kind.SESSION,
        from,
        from + "1",
        0,
        draining,
        false,
        BusCodec.NEWEST_VERSION,
        StoreState.REDIS));
  }

  private void hearSession(String from, String inbox, StoreState state) {
    hear(new Hello(Kind.SESSION, from, inbox, 0, false, false, BusCodec.NEWEST_VERSION, state));
  }

  private void hear(Hello hello) {
    node.bus().publish(Addresses.EVENTS_NODE, hello);
    await().pollInterval(Duration.ofMillis(5)).until(() -> directory.knows(hello.inbox()));
  }

  private void say(String from, String inbox) {
    node.bus()
        .publish(
            Addresses.EVENTS_NODE,
            new Hello(Kind.PROVIDER, from, inbox, 0, false, false, BusCodec.NEWEST_VERSION));
  }
}
