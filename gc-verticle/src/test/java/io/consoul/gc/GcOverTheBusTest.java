package io.consoul.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Addresses;
import io.consoul.message.BusMessage;
import io.consoul.message.GcRun;
import io.consoul.message.GcStatus;
import io.consoul.message.Kind;
import io.consoul.message.ReadGcStatus;
import io.consoul.message.RunGc;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.node.Node;
import io.consoul.testkit.ManualClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The gc verticle, asked over the bus,")
class GcOverTheBusTest {

  private static final Duration NEVER = Duration.ofHours(1);

  /** Nobody is answered, and no step given up, while a test holds back its answer. */
  private static final Patience PATIENT = new Patience(NEVER, NEVER);

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Swept NOTHING = new Swept(0, 0, false);

  private final ManualClock clock = new ManualClock();
  private Vertx vertx;
  private Node node;

  @BeforeEach
  void join(Vertx vertx) throws Exception {
    this.vertx = vertx;
    node = Node.join(vertx, clock).await(20, SECONDS);
  }

  @Test
  @DisplayName("collects at once and tells what came of it")
  void run() throws Exception {
    deploy();
    SweptSession.join(node, swept(new Swept(7, 1, true), new Swept(2, 0, false)));
    SweptSession.join(node, swept(new Swept(1, 2, false)));

    assertThat(ask(new RunGc(false))).isEqualTo(new GcRun(clock.instant(), 0, false, 10, 3, 0, 0));
  }

  @Test
  @DisplayName("speaks plain JSON to callers that do, who need tell nothing")
  void plainJson() throws Exception {
    deploy();
    List<Sweep> asked = SweptSession.join(node, swept(new Swept(3, 1, false)));

    assertThat(askInJson(Addresses.GC_RUN, new JsonObject()))
        .isEqualTo(new JsonObject()
            .put("type", "gc.done")
            .put("started", clock.instant())
            .put("duration_ms", 0L)
            .put("orphans_only", false)
            .put("expired", 3)
            .put("orphans", 1)
            .put("strays", 0)
            .put("skipped", 0));
    askInJson(Addresses.GC_RUN, new JsonObject().put("orphans_only", true));
    assertThat(asked).containsExactly(new Sweep(7, false), new Sweep(7, true));

    JsonObject status = askInJson(Addresses.GC_STATUS, new JsonObject());
    assertThat(status.getString("type")).isEqualTo("gc.status");
    assertThat(status.getLong("runs")).isEqualTo(1);
    assertThat(status.getJsonObject("last_run").getInteger("expired")).isEqualTo(3);
    assertThat(status.getInstant("next_run")).isEqualTo(clock.instant().plus(NEVER));
  }

  @Test
  @DisplayName("leaves expired sessions alone when only orphans are to be settled")
  void orphansOnly() throws Exception {
    deploy();
    List<Sweep> asked = SweptSession.join(node, swept(new Swept(0, 4, true), NOTHING));

    assertThat(ask(new RunGc(true))).isEqualTo(new GcRun(clock.instant(), 0, true, 0, 4, 0, 0));
    assertThat(asked).hasSize(2).allMatch(Sweep::orphansOnly);
  }

  @Test
  @DisplayName("has nothing to do where there is no session instance")
  void nobody() throws Exception {
    deploy();
    assertThat(ask(new RunGc(false))).isEqualTo(new GcRun(clock.instant(), 0, false, 0, 0, 0, 0));
  }

  @Test
  @DisplayName("tells how many instances did not take it, and counts what the others did")
  void skipped() throws Exception {
    deploy();
    SweptSession.join(
        node, sweep -> Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because()));
    SweptSession.join(node, swept(new Swept(5, 0, false)));

    assertThat(ask(new RunGc(false))).isEqualTo(new GcRun(clock.instant(), 0, false, 5, 0, 0, 1));
  }

  @Test
  @DisplayName("answers with its status when a run takes longer than 2 s, and goes on with it")
  void longRun() throws Exception {
    deploy(
        new GcConfig(NEVER, NEVER, 7, Duration.ofMillis(1)),
        new Patience(Patience.USUAL.caller(), NEVER));
    Promise<BusMessage> answer = Promise.promise();
    SweptSession.join(node, sweep -> answer.future());

    Future<BusMessage> run = asking(new RunGc(false));
    Future<BusMessage> next = asking(new RunGc(true));
    assertThat(result(run))
        .isEqualTo(new GcStatus(true, 0, 0, 0, 0, null, clock.instant().plus(NEVER)));
    assertThat(result(next))
        .isInstanceOfSatisfying(GcStatus.class, s -> assertThat(s.running()).isTrue());

    answer.complete(new Swept(1, 0, false));
    await().atMost(LONG).until(() -> readStatus().runs() == 1 && !readStatus().running());
    assertThat(readStatus().lastRun().expired()).isEqualTo(1);
  }

  @Test
  @DisplayName("starts one run more for all who ask while one is under way")
  void shared() throws Exception {
    deploy();
    Promise<BusMessage> answer = Promise.promise();
    List<Sweep> asked = SweptSession.join(node, sweep -> answer.future());
    Future<BusMessage> first = asking(new RunGc(false));
    await().until(() -> asked.size() == 1);
    List<Future<BusMessage>> others =
        Stream.generate(() -> asking(new RunGc(false))).limit(20).toList();
    assertThat(readStatus().running())
        .as("asked behind them, and answered at once")
        .isTrue();

    answer.complete(NOTHING);

    assertThat(result(first)).isInstanceOf(GcRun.class);
    BusMessage second = result(others.get(0));
    for (Future<BusMessage> other : others) {
      assertThat(result(other)).isSameAs(second);
    }
    assertThat(asked).hasSize(2);
    assertThat(readStatus().runs()).isEqualTo(2);
  }

  @Test
  @DisplayName("keeps the two kinds of run apart, also where both wait")
  void bothKinds() throws Exception {
    deploy();
    Promise<BusMessage> answer = Promise.promise();
    List<Sweep> asked = SweptSession.join(node, sweep -> answer.future());
    asking(new RunGc(false));
    await().until(() -> asked.size() == 1);
    Future<BusMessage> orphans = asking(new RunGc(true));
    Future<BusMessage> full = asking(new RunGc(false));
    assertThat(readStatus().running()).isTrue();

    answer.complete(NOTHING);

    assertThat(result(orphans))
        .isInstanceOfSatisfying(
            GcRun.class, run -> assertThat(run.orphansOnly()).isTrue());
    assertThat(result(full))
        .isInstanceOfSatisfying(
            GcRun.class, run -> assertThat(run.orphansOnly()).isFalse());
    assertThat(asked).containsExactly(new Sweep(7, false), new Sweep(7, true), new Sweep(7, false));
  }

  @Test
  @DisplayName("keeps no more than a thousand callers waiting: one more hears at once that it runs")
  void manyCallers() throws Exception {
    deploy();
    Promise<BusMessage> answer = Promise.promise();
    SweptSession.join(node, sweep -> answer.future());
    List<Future<BusMessage>> waiting =
        Stream.generate(() -> asking(new RunGc(false))).limit(1_000).toList();

    assertThat(ask(new RunGc(false))).isInstanceOf(GcStatus.class);

    assertThat(waiting).noneMatch(Future::isComplete);
    answer.complete(NOTHING);
    assertThat(result(waiting.get(999))).isInstanceOf(GcRun.class);
  }

  @Test
  @DisplayName("tells what was collected since its start, and when the next full run is due")
  void status() throws Exception {
    deploy();
    assertThat(ask(new ReadGcStatus(), Addresses.GC_STATUS))
        .isEqualTo(new GcStatus(false, 0, 0, 0, 0, null, clock.instant().plus(NEVER)));
    SweptSession.join(
        node,
        sweep -> Future.succeededFuture(
            sweep.orphansOnly() ? new Swept(0, 2, false) : new Swept(5, 1, false)));
    GcRun full = (GcRun) ask(new RunGc(false));
    ask(new RunGc(true));
    clock.advance(Duration.ofMinutes(5));

    assertThat(readStatus())
        .isEqualTo(new GcStatus(
            false, 1, 5, 3, 0, full, clock.instant().plus(NEVER).minus(Duration.ofMinutes(5))));
  }

  @Test
  @DisplayName(
      "has no next run where the interval is off, and moves it on with every run of its own")
  void nextRun() throws Exception {
    String off = deploy(new GcConfig(Duration.ZERO, NEVER, 7, Duration.ofMillis(1)));
    assertThat(readStatus().nextRun()).isNull();
    vertx.undeploy(off).await(20, SECONDS);

    deploy(new GcConfig(Duration.ofMillis(100), NEVER, 7, Duration.ofMillis(1)));
    clock.advance(Duration.ofMinutes(5));
    await()
        .atMost(LONG)
        .until(() -> readStatus().nextRun().equals(clock.instant().plusMillis(100)));
    await().atMost(LONG).until(() -> readStatus().runs() > 0);
  }

  @Test
  @DisplayName("is in the directory with its inbox, and no longer when it is stopped")
  void directory() throws Exception {
    String deployment = deploy();
    String inbox = node.directory().pick(Kind.GC).orElseThrow().inbox();
    assertThat(ask(new RunGc(true), inbox)).isInstanceOf(GcRun.class);
    assertThat(ask(new ReadGcStatus(), inbox)).isInstanceOf(GcStatus.class);

    vertx.undeploy(deployment).await(20, SECONDS);

    assertThat(node.directory().pick(Kind.GC)).isEmpty();
    for (String address : List.of(inbox, Addresses.GC_RUN, Addresses.GC_STATUS)) {
      assertThatThrownBy(() -> ask(new RunGc(true), address))
          .hasMessageContaining("no gc verticle is there");
    }
  }

  @Test
  @DisplayName("abandons a run when it is stopped: whoever waits is told, and no step follows")
  void stopped() throws Exception {
    String deployment = deploy(new GcConfig(NEVER, NEVER, 7, Duration.ofMillis(1)));
    Promise<BusMessage> answer = Promise.promise();
    List<Sweep> asked = SweptSession.join(node, sweep -> answer.future());
    Future<BusMessage> underway = asking(new RunGc(false));
    await().until(() -> asked.size() == 1);
    Future<BusMessage> waiting = asking(new RunGc(true));
    assertThat(readStatus().running()).isTrue();

    vertx.undeploy(deployment).await(20, SECONDS);

    for (Future<BusMessage> caller : List.of(underway, waiting)) {
      assertThatThrownBy(() -> result(caller))
          .isInstanceOfSatisfying(FaultException.class, fault -> {
            assertThat(fault.fault()).isEqualTo(Fault.SERVER_BUSY);
            assertThat(fault.retryAfter()).isEqualTo(1);
          });
    }
    answer.complete(new Swept(1, 0, true));
    await().during(Duration.ofMillis(200)).until(() -> asked.size() == 1);
  }

  private String deploy() throws Exception {
    return deploy(new GcConfig(NEVER, NEVER, 7, Duration.ofMillis(1)));
  }

  private String deploy(GcConfig config) throws Exception {
    return deploy(config, PATIENT);
  }

  private String deploy(GcConfig config, Patience patience) throws Exception {
    return vertx.deployVerticle(new GcVerticle(config, node, patience)).await(20, SECONDS);
  }

  /** These answers, one after another, and then nothing. */
  private static Function<Sweep, Future<? extends BusMessage>> swept(Swept... answers) {
    int[] next = {0};
    return sweep -> Future.succeededFuture(next[0] < answers.length ? answers[next[0]++] : NOTHING);
  }

  private GcStatus readStatus() throws Exception {
    return (GcStatus) ask(new ReadGcStatus(), Addresses.GC_STATUS);
  }

  private BusMessage ask(RunGc order) throws Exception {
    return ask(order, Addresses.GC_RUN);
  }

  private BusMessage ask(BusMessage request, String address) throws Exception {
    return result(node.bus().ask(Kind.GC, address, request, LONG));
  }

  private Future<BusMessage> asking(RunGc order) {
    return node.bus().ask(Kind.GC, Addresses.GC_RUN, order, LONG);
  }

  private JsonObject askInJson(String address, JsonObject request) throws Exception {
    return vertx
        .eventBus()
        .<JsonObject>request(address, request)
        .await(20, SECONDS)
        .body();
  }

  private static <T> T result(Future<T> future) throws TimeoutException {
    return future.await(20, SECONDS);
  }
}
