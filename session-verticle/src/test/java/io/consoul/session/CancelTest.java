package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.FinishReason;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.testkit.ScriptedProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("A cancel")
class CancelTest {

  private SessionNode session;
  private ScriptedProvider provider;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    JsonObject config =
        new JsonObject().put("queuedIntervalMillis", 1_200).put("acknowledgementMillis", 600);
    session = SessionNode.start(vertx, config);
    provider = session.provider();
  }

  @Test
  @DisplayName("stops the turn in progress at its provider, by name or without")
  void running() throws Exception {
    Accepted accepted = (Accepted) session.get(session.turn("s", "one"));

    assertThat(cancel(null)).isEqualTo(accepted.turn());
    assertThat(cancel(accepted.turn())).isEqualTo(accepted.turn());

    assertThat(provider.received().await(StopAnswer.class, 2)).allSatisfy(stop -> {
      assertThat(stop.turn()).isEqualTo(accepted.turn());
      assertThat(stop.fence()).isEqualTo(accepted.fence());
      assertThat(stop.reason().fault()).isEqualTo(Fault.LLM_CANCELLED);
    });
  }

  @Test
  @DisplayName("tells that there was nothing to stop when the answer was whole already")
  void tooLate() throws Exception {
    session.get(session.turn("s", "one"));
    provider.onStop(stop -> Future.succeededFuture(new Stopped(stop.turn(), false)));

    assertThat(cancel(null)).isNull();
  }

  @Test
  @DisplayName(
      "of a turn that has ended, is unknown or of a session that is not there, stops nothing")
  void nothingToStop() throws Exception {
    BeginTurn first = session.turn("s", "one");
    session.get(first);
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(5, SECONDS);
    session.get(session.turn("s", "the next one"));

    assertThat(cancel(first.turn())).isNull();
    assertThat(cancel(session.turn("s", "never begun").turn())).isNull();
    assertThat(session.cancel("nowhere", null).await(5, SECONDS)).isNull();
    assertThat(provider.received().all(StopAnswer.class)).isEmpty();
  }

  @Test
  @DisplayName("of a waiting turn fails it and leaves no trace, and the others keep their places")
  void waiting() throws Exception {
    session.get(session.turn("s", "one"));
    BeginTurn second = session.turn("s", "two");
    session.get(second);
    BeginTurn third = session.turn("s", "three");
    session.ask(third);

    assertThat(cancel(second.turn())).isEqualTo(second.turn());

    TurnFailed failed = session.gateway.received().await(TurnFailed.class);
    assertThat(failed.turn()).isEqualTo(second.turn());
    assertThat(failed.length()).isZero();
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_CANCELLED);
    assertThat(cancel(second.turn())).isNull();
    assertThat(session.get(third)).isEqualTo(new Queued(third.turn(), 1));
    assertThat(provider.received().all(StopAnswer.class)).isEmpty();
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(5, SECONDS);
    assertThat(provider.received().await(AnswerTurn.class, 2).get(1).turn())
        .isEqualTo(third.turn());
  }

  @Test
  @DisplayName("reaches the first turn while its tokens are counted; the next one begins")
  void whileCounting(Vertx vertx) throws Exception {
    CountDownLatch workersBusy = new CountDownLatch(1);
    IntStream.range(0, 20)
        .forEach(i -> vertx.executeBlocking(
            () -> {
              workersBusy.await();
              return null;
            },
            false));
    BeginTurn counted = session.turn("s", "word ".repeat(1_000));
    Future<BusMessage> begun = session.ask(counted);
    BeginTurn next = session.turn("s", "next");
    Future<BusMessage> begunNext = session.ask(next);

    assertThat(cancel(null)).isEqualTo(counted.turn());
    assertFault(Fault.LLM_CANCELLED, begun);
    assertThat(begunNext.await(5, SECONDS)).isInstanceOf(Accepted.class);
    workersBusy.countDown();

    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(5, SECONDS);
    session.get(session.turn("s", "last"));
    assertThat(provider.received().await(AnswerTurn.class, 2).stream().map(AnswerTurn::turn))
        .startsWith(next.turn())
        .doesNotContain(counted.turn());
  }

  @Test
  @DisplayName("that comes while a provider is being asked to take the turn stops it when it has")
  void duringHandover() throws Exception {
    Promise<Answering> taking = Promise.promise();
    provider.onAnswer(order -> taking.future());
    BeginTurn turn = session.turn("s", "one");
    session.ask(turn);
    AnswerTurn order = provider.received().await(AnswerTurn.class);

    Future<TurnId> byName = session.cancel("s", turn.turn());
    Future<TurnId> current = session.cancel("s", null);
    session.read("s"); // so that both cancels have come
    assertThat(provider.received().all(StopAnswer.class)).isEmpty();
    taking.complete(new Answering(order.turn(), order.fence(), "model", provider.inbox()));

    assertThat(byName.await(5, SECONDS)).isEqualTo(turn.turn());
    assertThat(current.await(5, SECONDS)).isEqualTo(turn.turn());
    StopAnswer stop = provider.received().await(StopAnswer.class);
    assertThat(stop.turn()).isEqualTo(turn.turn());
    assertThat(stop.fence()).isEqualTo(order.fence());
  }

  @Test
  @DisplayName("keeps a turn from going to another provider when the first does not take it")
  void insteadOfPassingOver() throws Exception {
    ScriptedProvider other = session.provider();
    provider.onAnswer(order -> ScriptedProvider.noAnswer());
    other.onAnswer(order -> ScriptedProvider.noAnswer());
    BeginTurn turn = session.turn("s", "one");
    Future<BusMessage> begun = session.ask(turn);
    await()
        .until(() -> provider.received().all().size() + other.received().all().size() == 1);

    assertThat(cancel(turn.turn())).isEqualTo(turn.turn());

    assertFault(Fault.LLM_CANCELLED, begun);
    assertThat(provider.received().all().size() + other.received().all().size()).isEqualTo(1);
    assertFault(Fault.SESSION_NOT_FOUND, () -> session.read("s"));
  }

  @Test
  @DisplayName("takes the turn from a provider that does not answer, and keeps what was said")
  void silentProvider() throws Exception {
    provider.onStop(stop -> ScriptedProvider.noAnswer());
    BeginTurn turn = session.turn("s", "one");
    Accepted accepted = (Accepted) session.get(turn);
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    provider.progress(order, 0, "ei").await(5, SECONDS);
    Future<BusMessage> next = session.ask(session.turn("s", "two"));

    assertThat(cancel(null)).isEqualTo(turn.turn());

    Replayed replayed = (Replayed) session.attach(turn, 0).await(5, SECONDS);
    Completed end = (Completed) replayed.end();
    assertThat(replayed.text()).isEqualTo("ei");
    assertThat(end.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(end.fence()).isGreaterThan(accepted.fence());
    assertThat(session.gateway.received().await(TurnFailed.class).failure().fault())
        .as("sends the listener back to the session")
        .isEqualTo(Fault.SESSION_LOCKED);
    assertFault(Fault.SESSION_LOCKED, provider.seal(order, "eins"));
    assertThat(next.await(5, SECONDS)).isInstanceOfAny(Accepted.class, Queued.class);
    assertThat(provider.received().await(AnswerTurn.class, 2)).hasSize(2);
  }

  @Test
  @DisplayName("of a turn whose provider is gone leaves no trace when nothing was said")
  void providerGone() throws Exception {
    BeginTurn turn = session.turn("s", "one");
    session.get(turn);
    provider.close().await(5, SECONDS);

    assertThat(cancel(turn.turn())).isEqualTo(turn.turn());

    TurnFailed failed = session.gateway.received().await(TurnFailed.class);
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_CANCELLED);
    assertThat(failed.length()).isZero();
    assertFault(Fault.SESSION_NOT_FOUND, () -> session.read("s"));
    assertThat(session.load()).isZero();
  }

  @Test
  @DisplayName("is answered in time though the handover takes longer, and is obeyed afterwards")
  void longHandover() throws Exception {
    Vertx patient = Vertx.vertx();
    session = SessionNode.start(patient, new JsonObject().put("acknowledgementMillis", 5_000));
    Promise<Answering> taking = Promise.promise();
    provider = session.provider().onAnswer(order -> taking.future());
    BeginTurn turn = session.turn("s", "one");
    session.ask(turn);
    AnswerTurn order = provider.received().await(AnswerTurn.class);

    Instant asked = Instant.now();
    assertThat(cancel(null)).isEqualTo(turn.turn());
    assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofMillis(2_400));
    taking.complete(new Answering(order.turn(), order.fence(), "model", provider.inbox()));
    assertThat(provider.received().await(StopAnswer.class).turn()).isEqualTo(turn.turn());
    patient.close().await(5, SECONDS);
  }

  /** @param turn null for the one in progress */
  private TurnId cancel(TurnId turn) throws Exception {
    return session.cancel("s", turn).await(5, SECONDS);
  }
}
