package io.consoul.node;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.Addresses;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Instant;
import java.util.List;
import java.util.Set;
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
    node = Node.join(vertx, now::get).await(5, SECONDS);
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
  @DisplayName("forgets an instance elsewhere that has been silent for four seconds")
  void silence() {
    hear("elsewhere", "far", 0, 2);
    assertThat(directory.pick(Kind.PROVIDER)).isPresent();

    now.set(now.get().plusSeconds(4));

    await().until(() -> directory.pick(Kind.PROVIDER).isEmpty());
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

  private void hear(String from, String inbox, int load, int frameVersion) {
    node.bus()
        .publish(
            Addresses.EVENTS_NODE,
            new Hello(Kind.PROVIDER, from, inbox, load, false, false, frameVersion));
    await().until(() -> directory.knows(inbox));
  }
}
