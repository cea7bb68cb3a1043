package io.consoul.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.Addresses;
import io.consoul.message.BusCodec;
import io.consoul.message.BusMessage;
import io.consoul.message.GcRun;
import io.consoul.message.GcStatus;
import io.consoul.message.Handlers;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.ReadGcStatus;
import io.consoul.message.RunGc;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.node.Node;
import io.consoul.testkit.ManualClock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("Of several gc verticles in a cluster")
class LeadershipTest {

  /** Lower than any inbox that a node makes, and higher than any. */
  private static final String LOWEST = "consoul.gc.inbox.!";

  private static final String HIGHEST = "consoul.gc.inbox.~";

  private static final GcConfig QUICK =
      new GcConfig(Duration.ofMillis(200), Duration.ofMillis(50), 7, Duration.ofMillis(1));
  private static final GcConfig NEVER =
      new GcConfig(Duration.ofHours(1), Duration.ofHours(1), 7, Duration.ofMillis(1));

  /** Stands still: nobody falls silent because the machine is busy. */
  private final ManualClock clock = new ManualClock();

  private Vertx vertx;
  private Node node;
  private List<Sweep> swept;

  @BeforeEach
  void join(Vertx vertx) throws Exception {
    this.vertx = vertx;
    node = Node.join(vertx, clock).await(20, SECONDS);
    swept = SweptSession.join(node, sweep -> Future.succeededFuture(new Swept(0, 0, false)));
  }

  @Test
  @DisplayName("one collects by itself; the next one does when that falls silent")
  void silence() throws Exception {
    hear(LOWEST, false);
    deploy(QUICK);
    await().during(Duration.ofMillis(500)).until(swept::isEmpty);

    clock.advance(Duration.ofSeconds(4));

    await().until(() -> !swept.isEmpty());
    await().until(() -> swept.stream().anyMatch(sweep -> !sweep.orphansOnly()));
  }

  @Test
  @DisplayName("the next one collects at once when the first one leaves")
  void leaving() throws Exception {
    hear(LOWEST, false);
    deploy(QUICK);
    await().during(Duration.ofMillis(500)).until(swept::isEmpty);

    hear(LOWEST, true);

    await().until(() -> !swept.isEmpty());
  }

  @Test
  @DisplayName("the one with the lowest inbox is not held up by the others")
  void lowest() throws Exception {
    hear(HIGHEST, false);
    deploy(QUICK);
    await().until(() -> !swept.isEmpty());
  }

  @Test
  @DisplayName("any takes an order, and the one that leads carries it out")
  void passedOn() throws Exception {
    GcRun done = new GcRun(Instant.EPOCH, 5, false, 1, 2, 3, 0);
    GcStatus status = new GcStatus(false, 9, 0, 0, 0, done, null);
    List<RunGc> orders = new CopyOnWriteArrayList<>();
    node.bus()
        .serve(
            LOWEST,
            new Handlers()
                .on(RunGc.class, order -> {
                  orders.add(order);
                  return Future.succeededFuture(done);
                })
                .on(ReadGcStatus.class, ask -> Future.succeededFuture(status)))
        .completion()
        .await(20, SECONDS);
    hear(LOWEST, false);
    deploy(NEVER);

    assertThat(ask(Addresses.GC_RUN, new RunGc(false))).isEqualTo(done);
    assertThat(ask(Addresses.GC_STATUS, new ReadGcStatus())).isEqualTo(status);
    assertThat(orders).containsExactly(new RunGc(false));
    assertThat(swept).isEmpty();
  }

  @Test
  @DisplayName("one that cannot reach the one that leads carries an order out itself")
  void leaderGone() throws Exception {
    hear(LOWEST, false);
    deploy(NEVER);

    assertThat(ask(Addresses.GC_RUN, new RunGc(false))).isInstanceOf(GcRun.class);
    assertThat(ask(Addresses.GC_STATUS, new ReadGcStatus()))
        .isInstanceOfSatisfying(
            GcStatus.class, status -> assertThat(status.runs()).isEqualTo(1));
    assertThat(swept).containsExactly(new Sweep(7, false));
  }

  @Test
  @DisplayName("one that has collected shows it in its meters, which are there from the start")
  void meters() throws Exception {
    deploy(NEVER);
    assertThat(count("consoul_gc_runs")).isZero();
    assertThat(count("consoul_gc_deleted")).isZero();
    SweptSession.join(node, sweep -> Future.succeededFuture(new Swept(4, 1, 1, false)));

    ask(Addresses.GC_RUN, new RunGc(false));
    ask(Addresses.GC_RUN, new RunGc(true));

    assertThat(count("consoul_gc_runs")).isEqualTo(1);
    assertThat(count("consoul_gc_deleted")).isEqualTo(8);
    assertThat(node.meters().get("consoul_gc_duration").timer().count()).isEqualTo(1);
  }

  private double count(String name) {
    return node.meters().get(name).counter().count();
  }

  private BusMessage ask(String address, BusMessage request) throws Exception {
    return node.bus().ask(Kind.GC, address, request, Duration.ofSeconds(20)).await(20, SECONDS);
  }

  private String deploy(GcConfig config) throws Exception {
    return vertx.deployVerticle(new GcVerticle(config, node)).await(20, SECONDS);
  }

  private void hear(String inbox, boolean gone) {
    node.bus()
        .publish(
            Addresses.EVENTS_NODE,
            new Hello(Kind.GC, "elsewhere", inbox, 0, gone, gone, BusCodec.NEWEST_VERSION));
    await().until(() -> node.directory().knows(inbox) != gone);
  }
}
