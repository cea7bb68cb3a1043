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
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The directory of inboxes")
class DirectoryTest {

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
  @DisplayName("finds an instance of this JVM at once, and no more when it has left")
  void joinAndLeave() {
    Membership membership = directory.join(Kind.PROVIDER);
    assertThat(directory.pick(Kind.PROVIDER)).map(Hello::inbox).contains(membership.inbox());

    membership.leave();
    assertThat(directory.pick(Kind.PROVIDER)).isEmpty();
  }

  @Test
  @DisplayName("knows the nodes whose instances it has heard lately, and this one")
  void knownNodes() {
    assertThat(directory.knowsNode(node.id())).isTrue();
    assertThat(directory.knowsNode("other")).isFalse();

    hear("other", "inbox-1", 0, 2);
    assertThat(directory.knowsNode("other")).isTrue();

    node.bus()
        .publish(
            Addresses.EVENTS_NODE, new Hello(Kind.PROVIDER, "other", "inbox-1", 0, true, true, 2));
    await().until(() -> !directory.knowsNode("other"));
  }

  @Test
  @DisplayName("sends no new work to an instance that drains")
  void draining() {
    Membership membership = directory.join(Kind.PROVIDER);

    membership.drain();

    assertThat(directory.pick(Kind.PROVIDER)).isEmpty();
    assertThat(directory.knows(membership.inbox())).isTrue();
  }

  @Test
  @DisplayName("picks the least loaded instance")
  void leastLoaded() {
    Membership busy = directory.join(Kind.PROVIDER);
    Membership idle = directory.join(Kind.PROVIDER);
    busy.load(3);
    idle.load(2);

    assertThat(directory.pick(Kind.PROVIDER)).map(Hello::inbox).contains(idle.inbox());
    assertThat(directory.pickOther(Kind.PROVIDER, Set.of(idle.inbox())))
        .map(Hello::inbox)
        .contains(busy.inbox());
    assertThat(directory.pickOther(Kind.PROVIDER, Set.of(idle.inbox(), busy.inbox())))
        .isEmpty();
  }

  @Test
  @DisplayName("prefers an instance of this JVM to an idle one elsewhere")
  void ownFirst() {
    hear("elsewhere", "far", 0, 2);
    Membership near = directory.join(Kind.PROVIDER);
    near.load(100);

    assertThat(directory.pick(Kind.PROVIDER)).map(Hello::inbox).contains(near.inbox());
  }

  @Test
  @DisplayName("gives a key always to the same instance, and the keys to all instances")
  void byKey() {
    List<Membership> memberships =
        IntStream.range(0, 4).mapToObj(i -> directory.join(Kind.SESSION)).toList();
    memberships.get(0).load(50);

    Set<String> used = IntStream.range(0, 200)
        .mapToObj(i -> {
          String first = owner("default:s-" + i);
          assertThat(owner("default:s-" + i)).isEqualTo(first);
          return first;
        })
        .collect(Collectors.toSet());

    assertThat(used).hasSize(4);
  }

  @Test
  @DisplayName("gives a key to an instance of this JVM, whatever others have to do")
  void ownFirstByKey() {
    hear("elsewhere", "far", StoreState.REDIS);
    Membership near = session(StoreState.REDIS);
    near.load(100);

    assertThat(owners()).containsExactly(near.inbox());
  }

  @Test
  @DisplayName(
      "does not change the owner of a key while the instances here hear of their store one by one")
  void wholeStoreHere() {
    Membership down = session(StoreState.DOWN);
    Membership whole = session(StoreState.REDIS);
    hear("elsewhere", "far", StoreState.REDIS);
    assertThat(owners()).containsExactlyInAnyOrder(whole.inbox(), down.inbox());

    down.store(StoreState.REDIS);
    assertThat(owners()).containsExactlyInAnyOrder(whole.inbox(), down.inbox());
  }

  @Test
  @DisplayName("gives the keys to another node while no store can be reached from here")
  void wholeStoreElsewhere() {
    Membership near = session(StoreState.DEGRADED);
    hear("other", "down", StoreState.DOWN);
    assertThat(owners()).containsExactly(near.inbox());

    hear("elsewhere", "far", StoreState.REDIS);
    assertThat(owners()).containsExactly("far");

    near.store(StoreState.REDIS);
    assertThat(owners()).containsExactly(near.inbox());
  }

  @Test
  @DisplayName("gives the keys to one node's instances where this JVM has none")
  void oneNodeElsewhere() {
    hear("a", "a1", StoreState.DEGRADED);
    hear("b", "b1", StoreState.REDIS);
    hear("b", "b2", StoreState.REDIS);

    assertThat(owners()).containsExactlyInAnyOrder("b1", "b2");
  }

  @Test
  @DisplayName("forgets an instance elsewhere that has been silent for four seconds")
  void silence() {
    hear("elsewhere", "far", 0, 2);
    assertThat(directory.pick(Kind.PROVIDER)).isPresent();

    now.set(now.get().plusSeconds(4));

    assertThat(directory.knows("far")).as("without a tick between").isFalse();
    assertThat(directory.pick(Kind.PROVIDER)).isEmpty();
    assertThat(directory.nodes()).isEqualTo(1);
  }

  @Test
  @DisplayName("picks after one that did not answer one of another node, where there is any")
  void otherNode() {
    hear("frozen", "frozen-1", 0, 2);
    hear("frozen", "frozen-2", 0, 2);
    hear("well", "well-1", 9, 2);

    for (int i = 0; i < 20; i++) {
      assertThat(directory.pickOther(Kind.PROVIDER, Set.of("frozen-1")))
          .map(Hello::inbox)
          .contains("well-1");
    }
    assertThat(directory.pickOther(Kind.PROVIDER, Set.of("frozen-1", "well-1")))
        .map(Hello::inbox)
        .contains("frozen-2");
  }

  @Test
  @DisplayName("writes to an instance elsewhere before it is needed, so that the bus knows the way")
  void greets(Vertx vertx) {
    List<Object> written = new CopyOnWriteArrayList<>();
    vertx.eventBus().consumer("far", message -> written.add(message.body()));
    Membership own = directory.join(Kind.SESSION);

    hear("elsewhere", "far", 0, 2);

    await().until(() -> !written.isEmpty());
    assertThat(written).first().isEqualTo(own.hello());
  }

  @Test
  @DisplayName("adds up what the instances of this JVM have to do, those that drain included")
  void ownLoad() {
    hear("elsewhere", "far", 7, 2);
    directory.join(Kind.SESSION).load(5);
    Membership one = directory.join(Kind.PROVIDER);
    Membership two = directory.join(Kind.PROVIDER);
    one.load(2);
    two.load(1);
    one.drain();
    assertThat(directory.ownLoad(Kind.PROVIDER)).isEqualTo(3);

    one.leave();
    assertThat(directory.ownLoad(Kind.PROVIDER)).isEqualTo(1);
  }

  @Test
  @DisplayName("shows a number of the JVM in one gauge, however many instances ask for it")
  void gauge() {
    IntStream.range(0, 8)
        .parallel()
        .forEach(i -> node.gauge("load", "test", directory, d -> d.ownLoad(Kind.PROVIDER)));
    directory.join(Kind.PROVIDER).load(4);

    assertThat(node.meters().get("load").gauge().value()).isEqualTo(4);
    assertThat(node.meters().getMeters()).hasSize(1);
  }

  @Test
  @DisplayName("counts the nodes it hears")
  void nodes() {
    assertThat(directory.nodes()).isEqualTo(1);

    hear("a", "a1", 0, 2);
    hear("a", "a2", 0, 2);
    hear("b", "b1", 0, 2);

    assertThat(directory.nodes()).isEqualTo(3);
  }

  private String owner(String key) {
    return directory.pickFor(Kind.SESSION, key).orElseThrow().inbox();
  }

  private Set<String> owners() {
    return IntStream.range(0, 50).mapToObj(i -> owner("s-" + i)).collect(Collectors.toSet());
  }

  private Membership session(StoreState state) {
    Membership membership = directory.join(Kind.SESSION);
    membership.store(state);
    return membership;
  }

  private void hear(String from, String inbox, int load, int frameVersion) {
    hear(new Hello(Kind.PROVIDER, from, inbox, load, false, false, frameVersion));
  }

  private void hear(String from, String inbox, StoreState state) {
    hear(new Hello(Kind.SESSION, from, inbox, 0, false, false, BusCodec.NEWEST_VERSION, state));
  }

  private void hear(Hello hello) {
    node.bus().publish(Addresses.EVENTS_NODE, hello);
    await().pollInterval(Duration.ofMillis(5)).until(() -> directory.knows(hello.inbox()));
  }
}
