package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.Addresses;
import io.consoul.message.AnswerTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusCodec;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.Handlers;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Queued;
import io.consoul.message.StoreState;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The other node is a scripted one: an inbox, and a hello of it. */
@ExtendWith(VertxExtension.class)
@DisplayName("A session instance that is stopped while another node has the same store")
class DepartureTest {

  private static final String OTHER = "test.session.inbox";

  private static RedisServer redis;

  private final List<BeginTurn> begun = new CopyOnWriteArrayList<>();
  private final List<CancelTurn> cancelled = new CopyOnWriteArrayList<>();
  private volatile Function<BeginTurn, Future<BusMessage>> onBegin =
      begin -> Future.succeededFuture(new Queued(begin.turn(), 1));
  private SessionNode session;
  private ScriptedProvider provider;
  private String inbox;
  private AnswerTurn running;
  private BeginTurn second;
  private BeginTurn third;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start("--appendonly", "no");
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  /** One turn runs and two wait. */
  @BeforeEach
  void begin(Vertx vertx) throws Exception {
    session = SessionNode.start(
        vertx,
        new JsonObject()
            .put("keyPrefix", "test:" + UUID.randomUUID())
            .put("queuedIntervalMillis", 50)
            .put("redis", RedisFixture.patient(new JsonObject().put("url", redis.url()))));
    session.node.drain().begin(Duration.ofSeconds(60));
    provider = session.provider();
    inbox = session.node.directory().pick(Kind.SESSION).orElseThrow().inbox();
    Handlers handlers = new Handlers()
        .on(BeginTurn.class, this::beginsThere)
        .on(CancelTurn.class, this::cancelledThere);
    session.node.bus().serve(OTHER, handlers).completion().await(20, SECONDS);
    session.get(session.turn("s", "one"));
    running = provider.received().await(AnswerTurn.class);
    second = session.turn("s", "two");
    session.get(second);
    third = session.turn("s", "three");
    session.get(third);
  }

  @Test
  @DisplayName("gives it the turns that wait, in their order, and waits for none that runs")
  void handsOver() throws Exception {
    otherNodeIsThere();

    session.undeploy().await(20, SECONDS);

    assertThat(begun).containsExactly(second, third);
    assertThat(session.node.directory().knows(inbox)).isFalse();
    assertThat(provider.received().all(AnswerTurn.class)).containsExactly(running);
  }

  @Test
  @DisplayName("still answers what is on its way to it, and takes nothing new")
  void lastWords() throws Exception {
    otherNodeIsThere();
    Promise<BusMessage> there = Promise.promise();
    onBegin = begin -> there.future();
    Future<Void> stopped = session.undeploy();
    await().until(() -> begun.size() == 2);

    assertFault(
        Fault.SESSION_STORAGE_UNAVAILABLE,
        session.node.bus().ask(Kind.SESSION, inbox, session.turn("t", "new"), SessionNode.SOON));
    provider.progress(running, 0, "ei").await(20, SECONDS);
    there.complete(new Queued(second.turn(), 1));
    await().until(() -> !session.node.directory().knows(inbox));
    provider.progress(running, 2, "ns").await(20, SECONDS);
    stopped.await(20, SECONDS);
  }

  @Test
  @DisplayName("hands them over as soon as one is there, and lets them begin here until then")
  void comesLater() throws Exception {
    Future<Void> stopped = session.undeploy();
    await().until(() -> session.node.directory().pick(Kind.SESSION).isEmpty());
    provider.seal(running, "eins").await(20, SECONDS);
    assertThat(provider.received().await(AnswerTurn.class, 2).get(1).turn())
        .isEqualTo(second.turn());

    otherNodeIsThere();

    stopped.await(20, SECONDS);
    assertThat(begun).containsExactly(third);
    session
        .gateway
        .received()
        .await(Accepted.class, accepted -> accepted.turn().equals(second.turn()));
  }

  @Test
  @DisplayName("keeps them while that one does not take them, and serves them itself meanwhile")
  void notTaken() throws Exception {
    onBegin = begin -> Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because());
    otherNodeIsThere();
    Future<Void> stopped = session.undeploy();
    await().until(() -> begun.size() >= 4);
    assertThat(stopped.isComplete()).isFalse();

    for (int i = 0; i < 3; i++) {
      provider.seal(provider.received().await(AnswerTurn.class, i + 1).get(i), "ok");
    }

    stopped.await(20, SECONDS);
    assertThat(provider.received().all(AnswerTurn.class).get(2).turn()).isEqualTo(third.turn());
  }

  @Test
  @DisplayName("cancels there what was cancelled here while that one was being asked")
  void cancelledMeanwhile() throws Exception {
    Promise<BusMessage> there = Promise.promise();
    onBegin = begin -> there.future();
    otherNodeIsThere();
    Future<Void> stopped = session.undeploy();
    await().until(() -> begun.size() == 2);
    CancelTurn cancel = new CancelTurn(second.session(), second.tenant(), second.turn());
    session.node.bus().ask(Kind.SESSION, inbox, cancel, SessionNode.SOON).await(20, SECONDS);

    there.complete(new Queued(second.turn(), 1));

    stopped.await(20, SECONDS);
    await().untilAsserted(() -> assertThat(cancelled).containsExactly(cancel));
  }

  private Future<BusMessage> beginsThere(BeginTurn begin) {
    begun.add(begin);
    return onBegin.apply(begin);
  }

  private Future<Cancelled> cancelledThere(CancelTurn cancel) {
    cancelled.add(cancel);
    return Future.succeededFuture(new Cancelled(cancel.turn()));
  }

  private void otherNodeIsThere() {
    Hello hello = new Hello(
        Kind.SESSION,
        "another node",
        OTHER,
        0,
        false,
        false,
        BusCodec.NEWEST_VERSION,
        StoreState.REDIS);
    session.node.bus().publish(Addresses.EVENTS_NODE, hello);
    session.vertx.setPeriodic(500, id -> session.node.bus().publish(Addresses.EVENTS_NODE, hello));
    await().until(() -> session.node.directory().knows(OTHER));
  }
}
