package io.consoul.provider;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AbortTurn;
import io.consoul.message.Addresses;
import io.consoul.message.AnswerTurn;
import io.consoul.message.BusCodec;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.FollowTurn;
import io.consoul.message.HandOn;
import io.consoul.message.HandedOn;
import io.consoul.message.Heard;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.Progress;
import io.consoul.message.Renewed;
import io.consoul.message.SealTurn;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.Script;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An answer whose provider verticle is stopped before it is whole")
class HandOnTest {

  private static final Duration LIMIT = Duration.ofSeconds(8);

  /** What has passed of that when turns begin to be handed on; what is left is as long as it can be. */
  private static final Duration UNTIL_HANDING_ON = Duration.ofMillis(6_010);

  private final Vertx outside = Vertx.vertx();
  private FakeProvider fake;
  private Stage stage;

  @BeforeEach
  void startFake() {
    fake = Stage.await(FakeProvider.start(outside));
    fake.answer(Script.text("The ", "quick 🦊 ", "jumps ", "over ", "the dog.").hangAfter(4));
  }

  @AfterEach
  void close() {
    stage.close();
    Stage.await(outside.close());
  }

  @Test
  @DisplayName("is handed on with what was said and who listens, and falls silent here")
  void handedOn() {
    start();
    stage.session.on(HandOn.class, handOn -> {
      // What it makes room for is the next provider's to send.
      stage.listener.credit(stage.provider, handOn.turn(), handOn.fence(), 12);
      return stage.vertx.timer(100, MILLISECONDS).map(waited -> new HandedOn(handOn.turn(), 99));
    });
    AnswerTurn order = stage.order("hi", stage.listener.listener(12));
    stage.ask(order);
    ListeningInbox quick = Stage.await(ListeningInbox.open(stage.node.bus()));
    stage.request(new FollowTurn(order.turn(), 4, quick.listener()));
    quick.received().await(Delta.class, delta -> delta.end() == 24);

    stop();

    HandOn handOn = stage.session.received().await(HandOn.class);
    assertThat(handOn.token()).isEqualTo(order.token());
    assertThat(handOn.fence()).isEqualTo(order.fence());
    assertThat(handOn.rescues()).isZero();
    assertThat(handOn.heard().fence()).isEqualTo(order.fence());
    assertThat(journal().substring(0, handOn.heard().offset()) + handOn.heard().text())
        .isEqualTo("The quick 🦊 jumps over ");
    assertThat(handOn.followers())
        .extracting(follower -> follower.listener().inbox(), follower -> follower.after())
        .containsExactly(tuple(stage.listener.address(), 12), tuple(quick.address(), 24));
    await().until(() -> fake.openStreams() == 0);
    assertThat(stage.session.received().all(SealTurn.class)).isEmpty();
    assertThat(stage.session.received().all(AbortTurn.class)).isEmpty();
    assertThat(stage.listener.text(order.turn())).isEqualTo("The quick 🦊");
    assertNothingWasTold(stage.listener);
    assertNothingWasTold(quick);
  }

  @Test
  @DisplayName("ends as interrupted where nobody can take it, and its listeners have all of it")
  void refused() {
    start();
    stage.session.on(
        HandOn.class, handOn -> Future.failedFuture(Fault.LLM_UNAVAILABLE.because("nobody")));
    AnswerTurn order = stage.order("hi", stage.listener.listener(12));
    stage.ask(order);
    stage.listener.received().await(Delta.class);
    stage.session.received().await(Progress.class, progress -> progress.offset() > 0);
    stage.listener.creditingTo(stage.provider);
    stage.listener.credit(stage.provider, order.turn(), order.fence(), 10);

    stop();

    SealTurn seal = stage.session.received().await(SealTurn.class);
    assertThat(seal.text()).isEqualTo("The quick 🦊 jumps over ");
    assertThat(seal.finishReason()).isEqualTo(FinishReason.INTERRUPTED);
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.SERVER_BUSY);
    assertThat(stage.listener.text(order.turn())).isEqualTo(seal.text());
  }

  @Test
  @DisplayName("ends as interrupted where the session does not answer in time")
  void unanswered() {
    start(new JsonObject(), 100);
    stage.session.on(HandOn.class, handOn -> ScriptedSession.noAnswer());
    begin();
    stop();
    assertThat(stage.session.received().await(SealTurn.class).finishReason())
        .isEqualTo(FinishReason.INTERRUPTED);
    assertThat(stage.listener.received().await(TurnFailed.class).failure().fault())
        .isEqualTo(Fault.SERVER_BUSY);
  }

  @Test
  @DisplayName("falls silent where another one has it, though the word of that was lost")
  void takenUnheard() {
    start(new JsonObject(), 100);
    stage.session.on(HandOn.class, handOn -> ScriptedSession.noAnswer());
    stage.session.onSeal(seal -> Future.failedFuture(Fault.SESSION_LOCKED.because("another one")));
    begin();
    stop();
    stage.session.received().await(SealTurn.class);
    assertNothingWasTold(stage.listener);
  }

  @Test
  @DisplayName("can still be cancelled while it is on its way")
  void cancelled() {
    start();
    Promise<HandedOn> handedOn = Promise.promise();
    stage.session.on(HandOn.class, handOn -> handedOn.future());
    AnswerTurn order = begin();
    Future<Void> stopped = undeploy();
    stage.session.received().await(HandOn.class);

    Stopped reply = (Stopped) stage.request(new StopAnswer(
        order.turn(), order.fence(), Failed.of(Fault.LLM_CANCELLED.because("by its client"))));

    assertThat(reply.stopped()).isTrue();
    assertThat(stage.session.received().await(SealTurn.class).finishReason())
        .isEqualTo(FinishReason.CANCELLED);
    stage.listener.received().await(Completed.class);
    handedOn.fail(Fault.SESSION_LOCKED.because("it has its end"));
    Stage.await(stopped);
    assertThat(stage.session.received().all(SealTurn.class)).hasSize(1);
  }

  @Test
  @DisplayName("takes no more listeners while it is on its way: nobody would tell them of it")
  void followedMeanwhile() {
    start();
    Promise<HandedOn> handedOn = Promise.promise();
    stage.session.on(HandOn.class, handOn -> handedOn.future());
    AnswerTurn order = begin();
    Future<Void> stopped = undeploy();
    stage.session.received().await(HandOn.class);

    FollowTurn follow = new FollowTurn(order.turn(), 0, new Listener("late", 1_000));
    assertThatThrownBy(() -> stage.request(follow))
        .isInstanceOfSatisfying(
            FaultException.class,
            refused -> assertThat(refused.fault()).isEqualTo(Fault.LLM_UNAVAILABLE));

    handedOn.complete(new HandedOn(order.turn(), 99));
    Stage.await(stopped);
  }

  @Test
  @DisplayName("is handed on before its first word, too, and is asked for no longer")
  void nothingSaid() {
    fake.answer(Script.text("late").hangAfter(0));
    start(new JsonObject().put("maxConnections", 1));
    AtomicInteger offers = new AtomicInteger();
    stage.session.on(
        HandOn.class,
        handOn -> offers.getAndIncrement() == 0
            ? Future.succeededFuture(new HandedOn(handOn.turn(), 99))
            : Future.failedFuture(Fault.LLM_UNAVAILABLE.because("nobody")));
    AnswerTurn asked = stage.order("one");
    stage.ask(asked);
    await().until(() -> fake.openStreams() == 1);
    AnswerTurn queued = stage.order("two");
    stage.ask(queued);

    stop();

    assertThat(stage.session.received().await(HandOn.class, 2))
        .extracting(HandOn::heard)
        .containsExactly(new Heard(Stage.FENCE, 0, ""), new Heard(Stage.FENCE, 0, ""));
    assertThat(stage.session.received().await(AbortTurn.class).turn()).isEqualTo(queued.turn());
    assertThat(stage.listener.received().await(TurnFailed.class).turn()).isEqualTo(queued.turn());
    assertThat(fake.requests()).hasSize(1);
    await().until(() -> fake.openStreams() == 0);
    assertThat(stage.session.received().all(SealTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("is journalled first, as far as the request would be too long")
  void tooLong() {
    String much = "x".repeat(Heard.MOST + 1);
    fake.answer(Script.text("a", much, "!").hangAfter(2));
    start();
    AtomicInteger reports = new AtomicInteger();
    stage.session.onProgress(
        progress -> progress.text().length() > 1 && reports.getAndIncrement() == 0
            ? ScriptedSession.noAnswer()
            : Future.succeededFuture(new Renewed(progress.turn())));
    stage.listener.creditingTo(stage.provider);
    AnswerTurn order = stage.order("hi");
    stage.ask(order);
    stage.listener.received().await(Delta.class, delta -> delta.end() == much.length() + 1);
    stage.session.on(
        HandOn.class, handOn -> Future.succeededFuture(new HandedOn(handOn.turn(), 99)));
    stop();
    HandOn handOn = stage.session.received().await(HandOn.class);
    assertThat(handOn.heard().offset()).isPositive();
    assertThat(handOn.heard().offset() + handOn.heard().text().length())
        .isEqualTo(much.length() + 1);
    assertThat(stage.session.received().all(Progress.class))
        .anyMatch(progress ->
            progress.offset() + progress.text().length() == handOn.heard().offset());
  }

  @Test
  @DisplayName("is not handed on where no other node has providers, nor one that nobody stores")
  void notHandedOn() {
    startAlone(new JsonObject(), 1_500);
    AnswerTurn order = begin();
    AnswerTurn aside = new AnswerTurn(
        stage.newTurn(),
        Tenant.DEFAULT,
        1,
        null,
        "fake/m",
        order.settings(),
        order.history(),
        0,
        order.options(),
        new Listener(stage.listener.address(), 7, 1_000, false),
        null,
        order.deadline(),
        null);
    stage.ask(aside);
    stage.listener.received().await(Delta.class, delta -> delta.turn().equals(aside.turn()));
    Future<Void> stopped = undeploy();
    stage.pass(LIMIT.minus(UNTIL_HANDING_ON));
    Stage.await(stopped);
    stage.listener.received().await(TurnFailed.class, 2);
    assertThat(stage.session.received().all(HandOn.class)).isEmpty();
    assertThat(stage.session.received().all(SealTurn.class))
        .extracting(SealTurn::turn)
        .containsExactly(order.turn());
  }

  private void start() {
    start(new JsonObject());
  }

  private void start(JsonObject upstream) {
    start(upstream, 1_500);
  }

  /** @param alive of which three are the time for handing on */
  private void start(JsonObject upstream, int alive) {
    startAlone(upstream, alive);
    Hello hello =
        new Hello(Kind.PROVIDER, "another", "elsewhere", 0, false, false, BusCodec.NEWEST_VERSION);
    stage.vertx.setPeriodic(
        0, 100, again -> stage.node.bus().publish(Addresses.EVENTS_NODE, hello));
    await().until(() -> stage.node.directory().knows("elsewhere"));
  }

  /** As above with no other node. */
  private void startAlone(JsonObject upstream, int alive) {
    JsonObject config = Stage.quick(fake, upstream.put("defaultModel", "m"));
    config.getJsonObject("stream").put("aliveMillis", alive);
    stage = new Stage(config);
  }

  /** A turn that has said something. */
  private AnswerTurn begin() {
    stage.listener.creditingTo(stage.provider);
    AnswerTurn order = stage.order("hi");
    stage.ask(order);
    stage.listener.received().await(Delta.class);
    return order;
  }

  private void stop() {
    Stage.await(undeploy());
  }

  private Future<Void> undeploy() {
    stage.node.drain().begin(LIMIT);
    Future<Void> stopped = stage.vertx.undeploy(stage.deployment);
    await()
        .pollInterval(5, MILLISECONDS)
        .until(() -> stage.node.directory().serving(Kind.PROVIDER).stream()
            .noneMatch(hello -> hello.inbox().equals(stage.provider)));
    stage.pass(UNTIL_HANDING_ON);
    return stopped;
  }

  private String journal() {
    StringBuilder journal = new StringBuilder();
    for (Progress progress : stage.session.received().all(Progress.class)) {
      journal.replace(progress.offset(), journal.length(), progress.text());
    }
    return journal.toString();
  }

  private static void assertNothingWasTold(ListeningInbox inbox) {
    assertThat(inbox.received().all(TurnFailed.class)).isEmpty();
    assertThat(inbox.received().all(Completed.class)).isEmpty();
  }
}
