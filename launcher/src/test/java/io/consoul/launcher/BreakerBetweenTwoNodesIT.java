package io.consoul.launcher;

import static io.vertx.circuitbreaker.CircuitBreakerState.CLOSED;
import static io.vertx.circuitbreaker.CircuitBreakerState.HALF_OPEN;
import static io.vertx.circuitbreaker.CircuitBreakerState.OPEN;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.FaultException;
import io.consoul.message.Addresses;
import io.consoul.message.Kind;
import io.consoul.node.Node;
import io.consoul.provider.health.BreakerConfig;
import io.consoul.provider.health.Health;
import io.consoul.provider.health.Healths;
import io.consoul.provider.health.Permit;
import io.consoul.provider.health.RetryConfig;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.Ports;
import io.consoul.trace.Tracing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The breakers of a provider on two clustered nodes")
class BreakerBetweenTwoNodesIT {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final ManualClock clock = new ManualClock();
  private final List<Vertx> members = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private Health one;
  private Health two;

  @BeforeEach
  void join() throws Exception {
    int here = Ports.free();
    int there = Ports.free();
    String cluster = "test-" + ProcessHandle.current().pid() + "-" + here;
    CompletableFuture<Vertx> second =
        CompletableFuture.supplyAsync(() -> member(cluster, there, here));
    members.add(member(cluster, here, there));
    members.add(second.get(120, SECONDS));
    one = health(members.get(0));
    two = health(members.get(1));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> nodes.stream().allMatch(node -> node.directory().nodes() == 2));
  }

  private static Vertx member(String cluster, int port, int other) {
    try {
      return EchoNode.join(cluster, port, other);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private Health health(Vertx vertx) throws Exception {
    // No time passes for the directory: it forgets nobody when the clock is moved, nor when this
    // machine has no time for a
    // hello.
    InstantSource still = InstantSource.fixed(Instant.EPOCH);
    Node joined = Node.join(
            vertx,
            still,
            new SimpleMeterRegistry(),
            Tracing.OFF,
            UUID.randomUUID().toString())
        .await(20, SECONDS);
    joined.directory().join(Kind.PROVIDER);
    Node node = new Node(
        joined.id(),
        joined.bus(),
        joined.directory(),
        joined.drain(),
        clock,
        joined.random(),
        joined.meters(),
        joined.tracing());
    nodes.add(node);
    Duration any = Duration.ofSeconds(1);
    return Healths.open(
            vertx,
            node,
            new BreakerConfig(true, 5, 3, TIMEOUT, 3),
            new RetryConfig(2, any, any, any, 20, 10),
            Map.of("openai", Duration.ofHours(1)))
        .await(20, SECONDS)
        .of("openai");
  }

  /** What a node lets through at once. */
  private static List<Permit> admitted(Health health) {
    List<Permit> admitted = new ArrayList<>();
    try {
      while (admitted.size() < 10) {
        admitted.add(health.admit());
      }
    } catch (FaultException full) {
      // as many as that
    }
    return admitted;
  }

  private static void awaitThat(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(60)).until(condition);
  }

  /** Takes a share of the calls and gives it back. */
  private static int room(Health health) {
    List<Permit> admitted = admitted(health);
    admitted.forEach(Permit::released);
    return admitted.size();
  }

  @Test
  @DisplayName(
      "one opens, the other lets one call go first; both probe three times in all; one closes, the other follows")
  void together() throws Exception {
    List<String> heardByOne = new CopyOnWriteArrayList<>();
    members
        .get(0)
        .eventBus()
        .<JsonObject>consumer(
            Addresses.EVENTS_BREAKER,
            event -> heardByOne.add(
                event.body().getString("state") + " " + event.body().getString("node")))
        .completion()
        .await(20, SECONDS);
    Stream.generate(one::admit).limit(5).forEach(Permit::failed);
    assertThat(one.state()).isEqualTo(OPEN);
    awaitThat(() -> room(two) == 1);
    assertThat(two.state()).isEqualTo(CLOSED);
    two.admit().failed();
    assertThat(two.state()).isEqualTo(OPEN);

    awaitThat(() -> heardByOne.contains("open " + nodes.get(1).id()));
    two.hold("gpt", Duration.ofSeconds(20));
    awaitThat(() -> !one.holdOf("gpt").isZero()); // what was said before it has come, too

    clock.advance(TIMEOUT);
    List<Permit> ofOne = admitted(one);
    List<Permit> ofTwo = admitted(two);
    assertThat(ofOne.size() + ofTwo.size()).isEqualTo(3);
    assertThat(ofOne).hasSizeBetween(1, 2);

    ofOne.forEach(Permit::succeeded);
    while (one.state() == HALF_OPEN) {
      one.admit().succeeded();
    }
    awaitThat(() -> two.state() == CLOSED);
    assertThat(room(two)).isEqualTo(1);
    assertThat(room(one)).isEqualTo(10);
  }

  @Test
  @DisplayName("one is told to wait, and the other knows")
  void holds() {
    one.hold("gpt", Duration.ofSeconds(20));

    awaitThat(() -> two.holdOf("gpt").equals(Duration.ofSeconds(20)));
  }

  @AfterEach
  void leave() throws Exception {
    Future.join(nodes.stream().map(Node::leave).toList()).await(20, SECONDS);
    for (Vertx member : members) {
      member.close().await(20, SECONDS);
    }
  }
}
