package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.HandOn;
import io.consoul.message.HandedOn;
import io.consoul.message.Heard;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.SessionFree;
import io.consoul.message.StoreState;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("A session verticle with a Redis")
class RedisSessionTest {

  private static final int ROUNDS = 20;
  private static final int SOON = 8;

  private static RedisServer redis;

  private JsonObject config;
  private SessionNode session;
  private ScriptedProvider provider;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start("--appendonly", "no");
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    config = new JsonObject()
        .put("keyPrefix", "test:" + UUID.randomUUID())
        .put("leaseSeconds", 30)
        .put("redis", RedisFixture.patient(new JsonObject().put("url", redis.url())));
    session = SessionNode.start(vertx, config);
    provider = session.provider();
  }

  @Test
  @DisplayName("gives a turn the history of its session, and says where it keeps it")
  void turns() throws Exception {
    assertThat(session.node.directory().pick(Kind.SESSION).orElseThrow().store())
        .isEqualTo(StoreState.REDIS);
    session.get(session.turn("s", "one"));
    provider.seal(order(0), "eins").await(20, SECONDS);
    session.get(session.turn("s", "two"));

    assertThat(order(1).history())
        .containsExactly(
            ChatMessage.user("one"), ChatMessage.assistant("eins"), ChatMessage.user("two"));
  }

  @Test
  @DisplayName("goes on with what others have stored, and they with what it has")
  void shared() throws Exception {
    try (RedisFixture other = other()) {
      other.say("s", "one", "eins");
      session.get(session.turn("s", "two"));
      assertThat(order(0).history()).hasSize(3);
      provider.seal(order(0), "zwei").await(20, SECONDS);
      assertThat(other.granted(other.turn("s", "three")).history()).hasSize(5);
    }
  }

  @Test
  @DisplayName("begins a turn that waits as soon as it is told that another instance is done")
  void told() throws Exception {
    session.undeploy().await(20, SECONDS);
    session.deploy(config.copy().put("queuedIntervalMillis", 400));
    try (RedisFixture other = other()) {
      // By its pauses alone it would take 350 ms; the machine may be slow or stand still now and
      // then.
      int soon = 0;
      for (int i = 0; soon < SOON; i++) {
        assertThat(i).as("begins when told").isLessThan(ROUNDS);
        String name = "s" + i;
        BeginTurn before = other.turn(name, "one");
        var lease = other.granted(before).lease();
        BeginTurn waiting = session.turn(name, "two");
        assertThat(session.get(waiting)).isInstanceOf(Queued.class); // by now it pauses for 400 ms
        other.seal(before, lease, "eins");
        RedisFixture.Told told = other.told.get(i);
        assertThat(told.message()).isEqualTo(new SessionFree(before.session(), before.tenant()));

        Instant free = Instant.now();
        session.node.bus().tell(told.inbox(), told.message());
        assertThat(order(i).turn()).isEqualTo(waiting.turn());
        if (Duration.between(free, Instant.now()).toMillis() < 200) {
          soon++;
        }
      }
    }
  }

  @Test
  @DisplayName(
      "has a turn go on at another provider, with what was heard of it, when its own is gone")
  void takenOver() throws Exception {
    BeginTurn turn = session.turn("s", "one");
    session.get(turn);
    provider.progress(order(0), 0, "ei").await(20, SECONDS);
    Heard heard = new Heard(order(0).fence(), 1, "in");
    ScriptedProvider other = session.provider();
    provider.close().await(20, SECONDS);
    AttachTurn attach =
        new AttachTurn(turn.turn(), turn.tenant(), 3, 0, heard, session.gateway.listener());
    assertFault(Fault.LLM_UNAVAILABLE, session.ask(attach));

    await().until(() -> session.ask(attach).otherwiseEmpty().await(20, SECONDS) != null);

    AnswerTurn next = other.received().await(AnswerTurn.class);
    assertThat(next.resumption().said()).isEqualTo("ein");
    assertThat(next.history()).containsExactly(ChatMessage.user("one"));
    other.seal(next, "eins").await(20, SECONDS);
    assertThat(((Replayed) session.attach(turn, 0).await(20, SECONDS)).text()).isEqualTo("eins");
  }

  @Test
  @DisplayName(
      "takes a turn over once, whichever instance is asked while its new provider takes it")
  void takenOverOnce() throws Exception {
    session.deploy(config);
    List<String> instances = session.node.directory().serving(Kind.SESSION).stream()
        .map(Hello::inbox)
        .toList();
    BeginTurn turn = session.turn("s", "one");
    session.get(turn);
    provider.progress(order(0), 0, "ei").await(20, SECONDS);
    AttachTurn attach = new AttachTurn(turn.turn(), turn.tenant(), 2, session.gateway.listener());
    List<Object> replies = new CopyOnWriteArrayList<>();
    ScriptedProvider other = session.provider();
    other.onAnswer(next -> Future.all(
            instances.stream() // at once: it is passed over after a moment
                .map(instance -> session
                    .node
                    .bus()
                    .ask(Kind.SESSION, instance, attach, SessionNode.SOON)
                    .<Object>map(reply -> reply)
                    .otherwise(failure -> ((FaultException) failure).fault())
                    .onSuccess(replies::add))
                .toList())
        .compose(asked -> other.answering(next)));
    provider.close().await(20, SECONDS);

    handOn(order(0), "ei").await(20, SECONDS);

    AnswerTurn next = other.received().await(AnswerTurn.class);
    assertThat(replies)
        .containsExactlyInAnyOrder(new Queued(turn.turn(), 0), Fault.LLM_UNAVAILABLE);
    assertThat(other.received().await(FollowTurn.class).turn()).isEqualTo(turn.turn());
    assertThat(other.received().all(AnswerTurn.class)).hasSize(1);
    other.seal(next, "eins").await(20, SECONDS);
    assertThat(((Replayed) session.attach(turn, 0).await(20, SECONDS)).text()).isEqualTo("eins");
  }

  @Test
  @DisplayName(
      "finds a turn that another instance had taken over before a provider had taken it here")
  void takenOverElsewhere() throws Exception {
    session.undeploy().await(20, SECONDS);
    config.put("acknowledgementMillis", 1_800).put("queuedIntervalMillis", 2_000);
    session.deploy(config.copy().put("instances", 2));
    provider.onAnswer(order -> ScriptedProvider.noAnswer());
    BeginTurn turn = session.turn("s", "one");
    Future<BusMessage> begun = session.ask(turn);
    order(0);
    ScriptedProvider other = session.provider();
    other.onFollow(
        follow -> Future.succeededFuture(new Following(follow.turn(), 99, Cuts.NONE.and(0))));

    session
        .node
        .bus()
        .ask(
            Kind.SESSION, notOf(order(0)), handOnOf(order(0), ""), HandedOn.class, SessionNode.SOON)
        .await(20, SECONDS);

    assertThat(other.received().await(AnswerTurn.class).fence())
        .isGreaterThan(order(0).fence());
    assertThat(session.accepted(turn, begun))
        .isEqualTo(new Accepted(turn.turn(), 99, other.inbox(), Cuts.NONE.and(0)));
    assertThat(other.received().await(FollowTurn.class).listener()).isEqualTo(turn.listener());
  }

  /** The instance that has not given this order. */
  private String notOf(AnswerTurn order) {
    return session.node.directory().serving(Kind.SESSION).stream()
        .map(Hello::inbox)
        .filter(inbox -> !inbox.equals(order.sessionInbox()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @DisplayName("has a turn go on that its provider hands on, or ends it where nobody takes it")
  void handedOn() throws Exception {
    BeginTurn turn = session.turn("s", "one");
    session.get(turn);
    ScriptedProvider other = session.provider();

    handOn(order(0), "ei").await(20, SECONDS);

    AnswerTurn next = other.received().await(AnswerTurn.class);
    assertThat(next.resumption().said()).isEqualTo("ei");
    provider.onAnswer(again -> Future.failedFuture(Fault.MODEL_NOT_AVAILABLE.because()));
    assertFault(Fault.LLM_UNAVAILABLE, handOn(next, "eins"));
    Replayed replayed = (Replayed) session.attach(turn, 0).await(20, SECONDS);
    assertThat(replayed.text()).isEqualTo("eins");
    assertThat(replayed.end()).isInstanceOf(TurnFailed.class);
  }

  private Future<HandedOn> handOn(AnswerTurn order, String said) {
    return session
        .node
        .bus()
        .ask(
            Kind.SESSION,
            order.sessionInbox(),
            handOnOf(order, said),
            HandedOn.class,
            SessionNode.SOON);
  }

  private static HandOn handOnOf(AnswerTurn order, String said) {
    Heard heard = new Heard(order.fence(), 0, said);
    return new HandOn(
        order.turn(), order.tenant(), order.fence(), order.token(), 0, heard, List.of());
  }

  private AnswerTurn order(int index) throws Exception {
    List<AnswerTurn> orders = provider.received().await(AnswerTurn.class, index + 1);
    return orders.get(index);
  }

  /** Another instance on the same keys. */
  private RedisFixture other() {
    return new RedisFixture(redis, config, "other");
  }
}
