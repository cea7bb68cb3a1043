package io.consoul.session;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AbortTurn;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.FinishReason;
import io.consoul.message.Listener;
import io.consoul.message.SealTurn;
import io.consoul.message.SessionId;
import io.consoul.message.Settings;
import io.consoul.message.StopAnswer;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.node.Node;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a store in memory cannot do: answer late, or not at all. */
@ExtendWith(VertxExtension.class)
@DisplayName("The turn desk, with a store that takes its time")
class TurnDeskTest {

  private static final SessionStore.Begun.Granted GRANTED = new SessionStore.Begun.Granted(
      new SessionStore.Lease(7, "token"), null, Settings.NONE, List.of(), 0);

  private final SlowStore store = new SlowStore();
  private Vertx vertx;
  private Node node;
  private Context loop;

  @BeforeEach
  void join(Vertx vertx) throws Exception {
    this.vertx = vertx;
    node = Node.join(vertx).await(20, SECONDS);
    loop = vertx.getOrCreateContext();
  }

  @Test
  @DisplayName(
      "asks again at once when a turn ended while it was asking, for the store may have looked before")
  void endedWhileAsking() throws Exception {
    TurnDesk desk = desk(new JsonObject().put("queuedIntervalMillis", 2_000));
    ScriptedProvider.start(node).await(20, SECONDS);
    BeginTurn before = turn("s");
    Future<BusMessage> begun = onLoop(() -> desk.begin(turn("s")));
    for (int pauses = 0; pauses < 3; pauses++) { // the next one would be of 400 ms
      question(pauses).complete(new SessionStore.Begun.Busy());
    }
    question(3);

    onLoop(() -> desk.seal(sealOf(before))).await(20, SECONDS);

    assertThat(askedWithin(300, () -> store.asked.get(3).complete(new SessionStore.Begun.Busy())))
        .isEqualTo(5);
    question(4).complete(GRANTED);
    assertThat(begun.await(20, SECONDS)).isInstanceOf(Accepted.class);
  }

  @Test
  @DisplayName("asks again as soon as the time of a batch is over, where its pause would be longer")
  void freeSoon() throws Exception {
    TurnDesk desk = desk(new JsonObject().put("queuedIntervalMillis", 2_000));
    onLoop(() -> desk.begin(turn("s")));
    question(0);

    SessionStore.Begun reserved = new SessionStore.Begun.Busy(Duration.ofMillis(10));
    int asked = askedWithin(25, () -> store.asked.get(0).complete(reserved)); // it may pause 50 ms

    assertThat(asked).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "frees a turn whose lease comes after its lock time-out, and lets the next one begin")
  void leaseAfterTheTimeOut() throws Exception {
    TurnDesk desk =
        desk(new JsonObject().put("lockTimeoutSeconds", 0.3).put("queuedIntervalMillis", 2_000));
    ScriptedProvider provider = ScriptedProvider.start(node).await(20, SECONDS);
    BeginTurn first = turn("s");
    Future<BusMessage> begun = onLoop(() -> desk.begin(first));
    question(0).complete(new SessionStore.Begun.Busy());
    question(1);
    assertThat(faultOf(begun)).isEqualTo(Fault.SESSION_LOCKED);
    Future<BusMessage> next = onLoop(() -> desk.begin(turn("s")));
    question(2);

    // Its own lock time-out runs as soon as it is told to wait.
    int asked = askedWithin(25, () -> {
      store.asked.get(2).complete(new SessionStore.Begun.Busy()); // the pause is of 50 ms
      store.begun = GRANTED;
      store.asked.get(1).complete(GRANTED);
    });

    assertThat(asked).isEqualTo(4);
    assertThat(next.await(20, SECONDS)).isInstanceOf(Accepted.class);
    assertThat(store.aborted)
        .containsExactly(new AbortTurn(first.turn(), first.tenant(), 7, "token"));
    assertThat(provider.received().all()).hasSize(1);
  }

  @Test
  @DisplayName("tells every turn of a long queue when the store fails, and is drained then")
  void storeFails() throws Exception {
    int many = 1_000;
    Desks desks =
        desks(new JsonObject().put("maxWaitingTurns", new JsonObject().put("perSession", many)));
    List<Future<BusMessage>> begun = onLoop(() -> Future.succeededFuture(IntStream.range(0, many)
            .mapToObj(i -> desks.turns().begin(turn("s")))
            .toList()))
        .await(20, SECONDS);
    Future<Void> drained = onLoop(() -> desks.departure().drain(Duration.ofSeconds(60)));

    store.down = true;
    question(0).fail(Fault.SESSION_STORAGE_UNAVAILABLE.because());

    assertThat(begun).allMatch(reply -> faultOf(reply) == Fault.SESSION_STORAGE_UNAVAILABLE);
    drained.await(20, SECONDS);
  }

  @Test
  @DisplayName("leaves no trace of a turn that is cancelled while the store takes its time")
  void cancelledWhileAsking() throws Exception {
    Desks desks = desks(new JsonObject());
    ScriptedProvider provider = ScriptedProvider.start(node).await(20, SECONDS);
    BeginTurn turn = turn("s");
    Future<BusMessage> begun = onLoop(() -> desks.turns().begin(turn));
    Promise<SessionStore.Begun> late = question(0);
    // The store may have noted it by now, though its answer is still on its way.
    store.running =
        new SessionStore.Known.Pending(turn.turn(), 7, provider.inbox(), turn.listener());

    Future<Cancelled> cancelled =
        onLoop(() -> desks.cancel().cancel(new CancelTurn(turn.session(), turn.tenant(), null)));

    assertThat(cancelled.await(20, SECONDS).turn()).isEqualTo(turn.turn());
    assertThat(faultOf(begun)).isEqualTo(Fault.LLM_CANCELLED);
    late.complete(GRANTED);
    await()
        .untilAsserted(() -> assertThat(store.aborted)
            .containsExactly(new AbortTurn(turn.turn(), turn.tenant(), 7, "token")));
    assertThat(provider.received().all()).isEmpty();
  }

  @Test
  @DisplayName(
      "takes the turn that has its lease for the one in progress, whoever went past it before")
  void overtakenWhileAsking() throws Exception {
    Desks desks = desks(new JsonObject().put("queuedIntervalMillis", 50));
    Promise<Answering> taking = Promise.promise();
    ScriptedProvider provider =
        ScriptedProvider.start(node).await(20, SECONDS).onAnswer(order -> taking.future());
    BeginTurn turn = turn("s");
    onLoop(() -> desks.turns().begin(turn));
    Promise<SessionStore.Begun> late = question(0);
    store.standing = new SessionStore.Standing.Next();
    onLoop(() -> desks.turns().begin(turn("s").in(new Batch("b", false))));
    question(1);
    late.complete(GRANTED);
    provider.received().await(AnswerTurn.class);

    Future<Cancelled> cancelled =
        onLoop(() -> desks.cancel().cancel(new CancelTurn(turn.session(), turn.tenant(), null)));
    onLoop(() -> Future.succeededFuture()).await(20, SECONDS); // so that the cancel has come
    taking.complete(new Answering(turn.turn(), 7, "model", provider.inbox()));

    assertThat(cancelled.await(20, SECONDS).turn()).isEqualTo(turn.turn());
    assertThat(provider.received().await(StopAnswer.class).turn()).isEqualTo(turn.turn());
  }

  private TurnDesk desk(JsonObject json) {
    return desks(json).turns();
  }

  private Desks desks(JsonObject json) {
    return Desks.over(store, vertx, node, SessionConfig.from(json));
  }

  /** The desk belongs to one event loop. */
  private <T> Future<T> onLoop(Supplier<Future<T>> work) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(ready -> work.get().onSuccess(done::tryComplete).onFailure(done::tryFail));
    return done.future();
  }

  /** How often the store was asked so long after an event: by the clock of the desk's event loop, whose pauses it is about. */
  private int askedWithin(long millis, Runnable event) throws Exception {
    return onLoop(() -> {
          event.run();
          return vertx.timer(millis, MILLISECONDS).map(over -> store.asked.size());
        })
        .await(20, SECONDS);
  }

  /** What the desk asked the store, answered on the desk's event loop. */
  private Promise<SessionStore.Begun> question(int index) {
    await().pollInterval(Duration.ofMillis(1)).until(() -> store.asked.size() > index);
    Promise<SessionStore.Begun> answer = Promise.promise();
    answer
        .future()
        .onSuccess(begun -> loop.runOnContext(ready -> store.asked.get(index).complete(begun)))
        .onFailure(fault -> loop.runOnContext(ready -> store.asked.get(index).fail(fault)));
    return answer;
  }

  private BeginTurn turn(String session) {
    TurnId id = TurnId.mint(new SessionId(session), node.random());
    return new BeginTurn(id, Tenant.DEFAULT, "hello", null, new Listener("nobody", 100));
  }

  private static SealTurn sealOf(BeginTurn turn) {
    return new SealTurn(
        turn.turn(),
        turn.tenant(),
        1,
        "token",
        "answer",
        FinishReason.STOP,
        Usage.NONE,
        "model",
        "provider");
  }

  private static Fault faultOf(Future<?> reply) {
    return catchThrowableOfType(FaultException.class, () -> reply.await(20, SECONDS))
        .fault();
  }
}
