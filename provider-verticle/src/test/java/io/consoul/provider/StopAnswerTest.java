package io.consoul.provider;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Aborted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.Listener;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ListeningInbox;
import io.consoul.testkit.Script;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@DisplayName("A stop of an answer")
class StopAnswerTest {

  private static final Logger log = LoggerFactory.getLogger(StopAnswerTest.class);
  private static final Failed CANCELLED = Failed.of(Fault.LLM_CANCELLED.because("by its client"));
  private static final Failed DELETED = Failed.of(Fault.SESSION_NOT_FOUND.because("deleted"));

  private final Vertx outside = Vertx.vertx();
  private FakeProvider fake;
  private Stage stage;

  @BeforeEach
  void startFake() {
    fake = Stage.await(FakeProvider.start(outside));
  }

  @AfterEach
  void close() {
    stage.close();
    Stage.await(outside.close());
  }

  @Test
  @DisplayName("before the first word closes the provider's stream and leaves no trace")
  void beforeTheHead() {
    start();
    fake.answer(Script.text("never").hang());
    AnswerTurn order = ask();
    await().until(() -> fake.openStreams() == 1);

    assertThat(stop(order, CANCELLED)).isEqualTo(new Stopped(order.turn(), true));

    assertUpstreamCloses();
    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.length()).isZero();
    assertThat(failed.failure()).isEqualTo(CANCELLED);
    assertThat(stage.session.received().await(AbortTurn.class).token()).isEqualTo(order.token());
    assertThat(stage.session.received().all(SealTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("while the request waits for a connection means that it is never sent")
  void beforeTheConnection() {
    start(new JsonObject().put("maxConnections", 1));
    fake.answer(Script.text("a").hangAfter(1), Script.text("next"));
    AnswerTurn first = ask();
    stage.listener.received().await(Delta.class);
    AnswerTurn waiting = ask();

    assertThat(stop(waiting, CANCELLED).stopped()).isTrue();

    TurnFailed failed = stage.listener.received().await(TurnFailed.class);
    assertThat(failed.turn()).isEqualTo(waiting.turn());
    assertThat(failed.failure()).isEqualTo(CANCELLED);
    stop(first, CANCELLED);
    AnswerTurn next = ask();
    stage.listener.received().await(Completed.class, done -> done.turn().equals(next.turn()));
    assertThat(fake.requests()).as("the first and the last").hasSize(2);
  }

  @Test
  @DisplayName("in the middle keeps what was said, as cancelled, and waits for no seal")
  void inTheMiddle() {
    start();
    Promise<BusMessage> seal = Promise.promise();
    stage.session.onSeal(sealing -> seal.future());
    fake.answer(Script.text("a", "b").hangAfter(1));
    AnswerTurn order = ask();
    stage.listener.received().await(Delta.class);

    assertThat(stop(order, CANCELLED).stopped()).isTrue();

    assertUpstreamCloses();
    SealTurn sealed = stage.session.received().await(SealTurn.class);
    assertThat(sealed.text()).isEqualTo("a");
    assertThat(sealed.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(sealed.failure()).isNull();
    assertThat(stage.listener.received().all(Completed.class)).isEmpty();
    seal.complete(new Sealed(order.turn(), stage.node.clock().instant()));
    Completed completed = stage.listener.received().await(Completed.class);
    assertThat(completed.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(completed.length()).isEqualTo(1);
    assertThat(stage.session.received().all(AbortTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("of an answer that is paused, since its listener is slow, brings what was read")
  void paused() {
    start(new JsonObject(), new JsonObject().put("maxAnswerSize", 1 << 26));
    ListeningInbox stuck = Stage.await(ListeningInbox.open(stage.node.bus()));
    AnswerTurn order = jam(stuck);

    assertThat(stop(order, CANCELLED).stopped()).isTrue();

    assertUpstreamCloses();
    SealTurn seal = stage
        .session
        .received()
        .await(SealTurn.class, sealing -> sealing.turn().equals(order.turn()));
    assertThat(stuck.received().all(Completed.class)).isEmpty();
    stuck.creditingTo(stage.provider);
    stuck.credit(stage.provider, order.turn(), order.fence(), Listener.DEFAULT_WINDOW);
    Completed completed = stuck.received().await(Completed.class);
    assertThat(completed.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(completed.length()).isEqualTo(seal.text().length()).isLessThan(1 << 20);
    assertThat(stuck.text(order.turn()).equals(seal.text())).isTrue();
  }

  @Test
  @DisplayName("comes too late for a seal that is on its way: the seal wins")
  void closing() {
    start();
    Promise<BusMessage> seal = Promise.promise();
    stage.session.onSeal(sealing -> seal.future());
    fake.answer("whole");
    AnswerTurn order = ask();
    SealTurn sealed = stage.session.received().await(SealTurn.class);

    assertThat(stop(order, CANCELLED)).isEqualTo(new Stopped(order.turn(), false));
    assertThat(stop(order, DELETED).stopped()).isFalse();

    seal.complete(new Sealed(order.turn(), stage.node.clock().instant()));
    assertThat(stage.listener.received().await(Completed.class).finishReason())
        .isEqualTo(FinishReason.STOP);
    assertThat(stop(order, CANCELLED).stopped()).as("it has ended").isFalse();
    assertThat(stage.session.received().all(SealTurn.class))
        .as("however often it was asked for")
        .containsOnly(sealed);
  }

  @Test
  @DisplayName("comes too late for a turn that has failed")
  void failed() {
    start();
    Promise<BusMessage> aborted = Promise.promise();
    stage.session.onAbort(abort -> aborted.future());
    AnswerTurn order = ask("fault-500");
    stage.session.received().await(AbortTurn.class);

    assertThat(stop(order, CANCELLED).stopped()).isFalse();

    aborted.complete(new Aborted(order.turn()));
    assertThat(stage.listener.received().await(TurnFailed.class).failure().fault())
        .isEqualTo(Fault.LLM_UNAVAILABLE);
  }

  @Test
  @DisplayName("that means another attempt, or a turn that is not here, stops nothing")
  void another() {
    start();
    Promise<Void> release = Promise.promise();
    fake.answer(Script.text("a", "b").heldAfter(1, release.future()));
    AnswerTurn order = ask();
    stage.listener.received().await(Delta.class);

    assertThat(stage.request(new StopAnswer(order.turn(), order.fence() + 1, CANCELLED)))
        .isEqualTo(new Stopped(order.turn(), false));
    assertThat(stage.request(new StopAnswer(order.turn(), order.fence() - 1, CANCELLED)))
        .isEqualTo(new Stopped(order.turn(), false));
    assertThat(stop(stage.order("unknown"), CANCELLED).stopped()).isFalse();

    release.complete();
    stage.listener.received().await(Completed.class);
    assertThat(stage.listener.text(order.turn())).isEqualTo("ab");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("of a deleted session's turn tells its listeners at once, and seals nothing")
  void deleted(boolean jammed) {
    start(new JsonObject(), new JsonObject().put("maxAnswerSize", 1 << 26));
    ListeningInbox listener = Stage.await(ListeningInbox.open(stage.node.bus()));
    AnswerTurn order = jammed ? jam(listener) : hang(listener);

    assertThat(stop(order, DELETED)).isEqualTo(new Stopped(order.turn(), true));

    assertUpstreamCloses();
    assertThat(listener.received().await(TurnFailed.class).failure()).isEqualTo(DELETED);
    assertThat(stop(order, DELETED).stopped()).as("again").isFalse();
    fake.answer("next");
    AnswerTurn next = ask();
    stage.listener.received().await(Completed.class, done -> done.turn().equals(next.turn()));
    assertThat(stage.session.received().all(SealTurn.class))
        .noneMatch(seal -> seal.turn().equals(order.turn()));
    assertThat(stage.session.received().all(AbortTurn.class)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("reaches the provider at once, every time")
  void quick(boolean streaming) {
    start();
    Script script = Script.text("a", "b");
    fake.answer(streaming ? script.hangAfter(1) : script.hang());
    long[] micros = new long[40];
    for (int i = 0; i < micros.length; i++) {
      int closed = i;
      AnswerTurn order = ask();
      if (streaming) {
        stage.listener.received().await(Delta.class, i + 1);
      } else {
        await().pollInterval(1, MILLISECONDS).until(() -> fake.openStreams() == 1);
      }
      long before = System.nanoTime();
      stage.tell(new StopAnswer(order.turn(), order.fence(), CANCELLED));
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofNanos(200_000))
          .until(() -> fake.aborted() > closed);
      micros[i] = (System.nanoTime() - before) / 1_000;
    }
    Arrays.sort(micros);
    log.info(
        "from a stop to the close that the provider sees, {}: min {} median {} max {} µs",
        streaming ? "streaming" : "before the head",
        micros[0],
        micros[micros.length / 2],
        micros[micros.length - 1]);
    assertThat(micros[micros.length / 2])
        .as("most of the time; a busy machine stands still now and then")
        .isLessThan(1_000_000);
    assertThat(fake.openStreams()).isZero();
  }

  @Test
  @DisplayName("at any moment gives the connection back")
  void anyMoment() {
    start(new JsonObject().put("maxConnections", 1));
    fake.answer(Script.text("a", "b").hangAfter(1));
    for (int i = 0; i < 60; i++) {
      AnswerTurn order = order("m", stage.listener.listener());
      stage.tell(order);
      int lookAround = i % 6;
      for (int round = 0; round < lookAround; round++) {
        stop(stage.order("unknown"), CANCELLED);
      }
      assertThat(stop(order, CANCELLED).stopped()).isTrue();
    }
    fake.answer("next");
    AnswerTurn next = ask();
    stage.listener.received().await(Completed.class, done -> done.turn().equals(next.turn()));
    await().until(() -> fake.openStreams() == 0);
  }

  /** A turn whose listener takes one window and gives no credit, until the provider is paused. */
  private AnswerTurn jam(ListeningInbox listener) {
    fake.answer(Script.text(Collections.nCopies(64, "x".repeat(64 * 1024))));
    AnswerTurn order = order("m", listener.listener());
    stage.ask(order);
    listener.received().await(Delta.class);
    AnswerTurn other = ask();
    stage.listener.received().await(Completed.class, done -> done.turn().equals(other.turn()));
    assertThat(fake.openStreams()).as("the fake still wants to write").isEqualTo(1);
    stage.session.received().await(SealTurn.class);
    return order;
  }

  private AnswerTurn hang(ListeningInbox listener) {
    fake.answer(Script.text("a", "b").hangAfter(1));
    AnswerTurn order = order("m", listener.listener());
    stage.ask(order);
    listener.received().await(Delta.class);
    return order;
  }

  private void start() {
    start(new JsonObject());
  }

  private void start(JsonObject upstream) {
    start(upstream, new JsonObject());
  }

  private void start(JsonObject upstream, JsonObject more) {
    stage = new Stage(Stage.quick(fake, upstream).mergeIn(more));
    stage.listener.creditingTo(stage.provider);
  }

  private AnswerTurn ask() {
    return ask("m");
  }

  private AnswerTurn ask(String model) {
    AnswerTurn order = order(model, stage.listener.listener());
    stage.ask(order);
    return order;
  }

  private AnswerTurn order(String model, Listener to) {
    return stage.order(stage.newTurn(), Stage.FENCE, "hi", model, to, Duration.ofMinutes(1));
  }

  private Stopped stop(AnswerTurn order, Failed reason) {
    return (Stopped) stage.request(new StopAnswer(order.turn(), order.fence(), reason));
  }

  private void assertUpstreamCloses() {
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(5, MILLISECONDS)
        .until(() -> fake.aborted() == 1 && fake.openStreams() == 0);
  }
}
