package io.consoul.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.consoul.fault.Fault;
import io.consoul.message.Addresses;
import io.consoul.message.BusMessage;
import io.consoul.message.Kind;
import io.consoul.message.ReadGcStatus;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.node.Node;
import io.consoul.testkit.LoggedBy;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

@ExtendWith(VertxExtension.class)
@DisplayName("The gc verticle")
class GcVerticleTest {

  private static final Swept NOTHING = new Swept(0, 0, false);
  private static final Duration NEVER = Duration.ofHours(1);

  /** No step is given up while a test holds back its answer. */
  private static final Patience PATIENT = new Patience(NEVER, NEVER);

  private Vertx vertx;
  private Node node;

  @BeforeEach
  void join(Vertx vertx) throws Exception {
    this.vertx = vertx;
    node = Node.join(vertx).await(20, SECONDS);
  }

  @Test
  @DisplayName("asks every session instance for step after step until nothing is left")
  void steps() throws Exception {
    List<Sweep> one = session(asked -> new Swept(asked.limit(), 0, true), 3);
    List<Sweep> two = session(asked -> NOTHING, 1);

    deploy(new GcConfig(Duration.ofMillis(200), NEVER, 7, Duration.ofMillis(1)));

    await().until(() -> one.size() >= 3 && !two.isEmpty());
    assertThat(one).allMatch(sweep -> sweep.equals(new Sweep(7, false)));
  }

  @Test
  @DisplayName("looks for orphans on its own rhythm, also when collections are off")
  void orphans() throws Exception {
    List<Sweep> asked = session(sweep -> NOTHING, 1);

    deploy(new JsonObject().put("intervalSeconds", 0).put("orphanIntervalSeconds", 0.05));

    await().until(() -> asked.size() >= 3);
    assertThat(asked).allMatch(Sweep::orphansOnly);
  }

  @Test
  @DisplayName("never has two collections under way at once")
  void oneAtATime() throws Exception {
    Promise<BusMessage> answer = Promise.promise();
    List<Sweep> stuck = serve(sweep -> answer.future());
    List<Sweep> quick = session(sweep -> NOTHING, 1);

    deploy(new GcConfig(Duration.ZERO, Duration.ofMillis(50), 7, Duration.ofMillis(1)), PATIENT);
    await().until(() -> !stuck.isEmpty());
    await().during(Duration.ofMillis(400)).until(() -> stuck.size() == 1 && quick.size() == 1);
    answer.complete(NOTHING);

    await().until(() -> stuck.size() > 1);
  }

  @Test
  @DisplayName("runs a full collection after the look for orphans that it met, and loses neither")
  void fullAfterOrphans() throws Exception {
    Promise<BusMessage> answer = Promise.promise();
    List<Sweep> asked =
        serve(sweep -> sweep.orphansOnly() ? answer.future() : Future.succeededFuture(NOTHING));

    deploy(
        new GcConfig(Duration.ofMillis(200), Duration.ofMillis(50), 7, Duration.ofMillis(1)),
        PATIENT);
    await().during(Duration.ofMillis(400)).until(() -> asked.size() == 1);
    // Answered by its event loop, which has come by then to all that was due before.
    node.bus()
        .ask(Kind.GC, Addresses.GC_STATUS, new ReadGcStatus(), Duration.ofSeconds(20))
        .await(20, SECONDS);
    answer.complete(NOTHING);

    await().until(() -> asked.size() >= 3);
    assertThat(List.copyOf(asked).subList(0, 2))
        .containsExactly(new Sweep(7, true), new Sweep(7, false));
    await().until(() -> asked.stream().filter(Sweep::orphansOnly).count() >= 2);
  }

  @Test
  @DisplayName(
      "tells after each full collection how much was removed, in sum, also when nothing was")
  void report() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(Collection.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(logged);
    try {
      session(sweep -> new Swept(7, 1, 2, true), 2);
      List<Sweep> other = session(sweep -> new Swept(1, 0, false), 1);
      deploy(new GcConfig(Duration.ofMillis(100), NEVER, 7, Duration.ofMillis(1)));
      await().until(() -> other.size() >= 3);

      assertThat(logged.list.stream().map(ILoggingEvent::getFormattedMessage))
          .hasSizeGreaterThanOrEqualTo(2)
          .allMatch(line -> line.endsWith(" orphans_only=false"));
      assertThat(logged.list.get(0).getFormattedMessage())
          .startsWith(
              "collected expired_sessions=15 orphaned_turns=2 strays=4 skipped_instances=0 duration_ms=");
      assertThat(logged.list.get(1).getFormattedMessage())
          .startsWith("collected expired_sessions=0 orphaned_turns=0 strays=0 ");
    } finally {
      logger.detachAppender(logged);
      logger.setLevel(null);
    }
  }

  @Test
  @DisplayName("says nothing of a look for orphans that found none")
  void quietLook() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(Collection.class);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(logged);
    try {
      List<Sweep> asked = session(sweep -> new Swept(0, 3, true), 1);
      deploy(new GcConfig(Duration.ZERO, Duration.ofMillis(50), 7, Duration.ofMillis(1)));
      await().until(() -> asked.size() >= 5);

      assertThat(logged.list.stream().map(ILoggingEvent::getFormattedMessage))
          .singleElement()
          .asString()
          .startsWith("collected expired_sessions=0 orphaned_turns=3 ");
    } finally {
      logger.detachAppender(logged);
      logger.setLevel(null);
    }
  }

  @Test
  @DisplayName(
      "goes by another interval and batch size at once, while a run goes on that is under way")
  void changed() throws Exception {
    Promise<BusMessage> answer = Promise.promise();
    List<Sweep> asked =
        serve(sweep -> sweep.limit() == 7 ? answer.future() : Future.succeededFuture(NOTHING));
    GcVerticle gc = new GcVerticle(
        new GcConfig(Duration.ofMillis(100), NEVER, 7, Duration.ofMillis(1)), node, PATIENT);
    vertx.deployVerticle(gc).await(20, SECONDS);
    await().until(() -> asked.size() == 1);

    gc.apply(new GcConfig(Duration.ofMillis(50), NEVER, 9, Duration.ofMillis(1)))
        .await(20, SECONDS);
    answer.complete(NOTHING);

    await().until(() -> asked.size() >= 3);
    assertThat(List.copyOf(asked).subList(1, 3)).containsOnly(new Sweep(9, false));
  }

  @Test
  @DisplayName("collects soon where the interval was an hour, and is over by another one")
  void shorter() throws Exception {
    List<Sweep> asked = session(sweep -> NOTHING, 1);
    GcVerticle gc = new GcVerticle(new GcConfig(NEVER, NEVER, 7, Duration.ofMillis(1)), node);
    vertx.deployVerticle(gc).await(20, SECONDS);

    gc.apply(new GcConfig(Duration.ofMillis(1), NEVER, 7, Duration.ofMillis(1))).await(20, SECONDS);
    await().until(() -> !asked.isEmpty());
    gc.apply(new GcConfig(Duration.ZERO, Duration.ofMillis(20), 7, Duration.ofMillis(1)))
        .await(20, SECONDS);

    await().until(() -> asked.stream().anyMatch(Sweep::orphansOnly));
  }

  @Test
  @DisplayName("begins to collect where that was off, and stops no timer of anybody else's")
  void switchedOn() throws Exception {
    Vertx own = Vertx.vertx();
    try {
      Promise<Void> ticked = Promise.promise();
      AtomicBoolean on = new AtomicBoolean();
      long first = own.setPeriodic(10, id -> {
        if (on.get()) {
          ticked.tryComplete();
        }
      });
      assertThat(first).isZero();
      Node joined = Node.join(own).await(20, SECONDS);
      List<Sweep> asked = SweptSession.join(joined, sweep -> Future.succeededFuture(NOTHING));
      GcVerticle gc =
          new GcVerticle(new GcConfig(Duration.ZERO, NEVER, 7, Duration.ofMillis(1)), joined);
      own.deployVerticle(gc).await(20, SECONDS);

      gc.apply(new GcConfig(Duration.ofMillis(20), NEVER, 7, Duration.ofMillis(1)))
          .await(20, SECONDS);
      on.set(true);

      await().until(() -> !asked.isEmpty());
      ticked.future().await(20, SECONDS);
    } finally {
      own.close().await(20, SECONDS);
    }
  }

  @Test
  @DisplayName("goes on with the others when an instance does not answer")
  void silentInstance() throws Exception {
    serve(sweep -> Promise.<BusMessage>promise().future());
    List<Sweep> other = session(sweep -> NOTHING, 1);

    deploy(
        new GcConfig(Duration.ZERO, Duration.ofMillis(50), 7, Duration.ofMillis(1)),
        new Patience(NEVER, Duration.ofMillis(500)));

    await().until(() -> other.size() >= 2);
  }

  @Test
  @DisplayName(
      "says once that an instance does not take its collections, and once that it does again")
  void refusing() throws Exception {
    AtomicBoolean away = new AtomicBoolean(true);
    List<Sweep> asked = serve(sweep -> away.get()
        ? Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because())
        : Future.succeededFuture(NOTHING));
    ((Logger) LoggerFactory.getLogger(Collection.class)).setLevel(Level.INFO);
    try (LoggedBy<Collection> log = new LoggedBy<>(Collection.class)) {
      deploy(new JsonObject().put("intervalSeconds", 0).put("orphanIntervalSeconds", 0.05));
      await().until(() -> asked.size() >= 4);
      away.set(false);
      await().until(() -> log.lines().size() >= 2);
      int after = asked.size();
      await().until(() -> asked.size() > after);

      assertThat(log.lines())
          .satisfiesExactly(
              gone -> assertThat(gone).startsWith("a session instance did not take"),
              back ->
                  assertThat(back).startsWith("a session instance takes its collections again"));
    }
  }

  private void deploy(JsonObject config) throws Exception {
    deploy(GcConfig.from(config));
  }

  private void deploy(GcConfig config, Patience patience) throws Exception {
    vertx.deployVerticle(new GcVerticle(config, node, patience)).await(20, SECONDS);
  }

  private void deploy(GcConfig config) throws Exception {
    vertx.deployVerticle(new GcVerticle(config, node)).await(20, SECONDS);
  }

  /** A session instance that says so often what the script says, and then that nothing is left. */
  private List<Sweep> session(Function<Sweep, Swept> script, int times) throws Exception {
    int[] left = {times};
    return serve(sweep -> Future.succeededFuture(left[0]-- > 0 ? script.apply(sweep) : NOTHING));
  }

  private List<Sweep> serve(Function<Sweep, Future<? extends BusMessage>> script) throws Exception {
    return SweptSession.join(node, script);
  }
}
