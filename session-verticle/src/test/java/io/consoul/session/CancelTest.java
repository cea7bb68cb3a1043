package io.consoul.session;

import static io.consoul.session.SessionNode.assertFault;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.FinishReason;
import io.consoul.message.Queued;
import io.consoul.message.ReadSession;
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
import java.util.List;
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
        new JsonObject().put("queuedIntervalMillis", 2_000).put("acknowledgementMillis", 10_000);
    session = SessionNode.start(vertx, config);
    provider = session.provider();
  }

  @Test
  @DisplayName("stops the turn in progress at its provider, by name or without")
  void running() throws Exception {
    Accepted accepted = session.accepted(session.turn("s", "one"));

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
    session.accepted(session.turn("s", "one"));
    provider.onStop(stop -> Future.succeededFuture(new Stopped(stop.turn(), false)));

    assertThat(cancel(null)).isNull();
  }

  @Test
  @DisplayName(
      "of a turn that has ended, is unknown or of a session that is not there, stops nothing")
  void nothingToStop() throws Exception {
    BeginTurn first = session.turn("s", "one");
    session.accepted(first);
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(20, SECONDS);
    session.accepted(session.turn("s", "the next one"));

    assertThat(cancel(first.turn())).isNull();
    assertThat(cancel(session.turn("s", "never begun").turn())).isNull();
    assertThat(session.cancel("nowhere", null).await(20, SECONDS)).isNull();
    assertThat(provider.received().all(StopAnswer.class)).isEmpty();
  }

  @Test
  @DisplayName("of a waiting turn fails it and leaves no trace, and the others keep their places")
  void waiting() throws Exception {
    redeploy(new JsonObject().put("queuedIntervalMillis", 50));
    session.accepted(session.turn("s", "one"));
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
    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(20, SECONDS);
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
    session.accepted(next, begunNext);
    workersBusy.countDown();

    provider.seal(provider.received().await(AnswerTurn.class), "eins").await(20, SECONDS);
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

    assertThat(byName.await(20, SECONDS)).isEqualTo(turn.turn());
    assertThat(current.await(20, SECONDS)).isEqualTo(turn.turn());
    StopAnswer stop = provider.received().await(StopAnswer.class);
    assertThat(stop.turn()).isEqualTo(turn.turn());
    assertThat(stop.fence()).isEqualTo(order.fence());
  }

  @Test
  @DisplayName("keeps a turn from going to another provider when the first does not take it")
  void insteadOfPassingOver() throws Exception {
    ScriptedProvider other = session.provider();
    BeginTurn turn = session.turn("s", "one");
    Promise<TurnId> cancelled = Promise.promise();
    for (ScriptedProvider each : List.of(provider, other)) {
      each.onAnswer(order -> {
        session
            .cancel("s", turn.turn())
            .onSuccess(cancelled::tryComplete)
            .onFailure(cancelled::tryFail);
        return session
            .ask(new ReadSession(turn.session(), turn.tenant())) // so that the cancel has come
            .transform(read -> Future.failedFuture(Fault.LLM_UNAVAILABLE.because()));
      });
    }

    Future<BusMessage> begun = session.ask(turn);

    assertThat(cancelled.future().await(20, SECONDS)).isEqualTo(turn.turn());
    assertFault(Fault.LLM_CANCELLED, begun);
    assertThat(provider.received().all().size() + other.received().all().size()).isEqualTo(1);
    assertFault(Fault.SESSION_NOT_FOUND, () -> session.read("s"));
  }

  @Test
  @DisplayName("takes the turn from a provider that does not answer, and keeps what was said")
  void silentProvider() throws Exception {
    provider.onStop(stop -> ScriptedProvider.noAnswer());
    BeginTurn turn = session.turn("s", "one");
    Accepted accepted = session.accepted(turn);
    AnswerTurn order = provider.received().await(AnswerTurn.class);
    provider.progress(order, 0, "ei").await(20, SECONDS);
    Future<BusMessage> next = session.ask(session.turn("s", "two"));

    assertThat(cancel(null)).isEqualTo(turn.turn());

    Replayed replayed = (Replayed) session.attach(turn, 0).await(20, SECONDS);
    Completed end = (Completed) replayed.end();
    assertThat(replayed.text()).isEqualTo("ei");
    assertThat(end.finishReason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(end.fence()).isGreaterThan(accepted.fence());
    assertThat(session.gateway.received().await(TurnFailed.class).failure().fault())
        .as("sends the listener back to the session")
        .isEqualTo(Fault.SESSION_LOCKED);
    assertFault(Fault.SESSION_LOCKED, provider.seal(order, "eins"));
    assertThat(next.await(20, SECONDS)).isInstanceOfAny(Accepted.class, Queued.class);
    assertThat(provider.received().await(AnswerTurn.class, 2)).hasSize(2);
  }

  @Test
  @DisplayName("of a turn whose provider is gone leaves no trace when nothing was said")
  void providerGone() throws Exception {
    BeginTurn turn = session.turn("s", "one");
    session.accepted(turn);
    provider.close().await(20, SECONDS);

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
    try {
      session = SessionNode.start(patient, new JsonObject().put("acknowledgementMillis", 10_000));
      Promise<Answering> taking = Promise.promise();
      provider = session.provider().onAnswer(order -> taking.future());
      BeginTurn turn = session.turn("s", "one");
      session.ask(turn);
      AnswerTurn order = provider.received().await(AnswerTurn.class);

      Instant asked = Instant.now();
      assertThat(cancel(null)).isEqualTo(turn.turn());
      // 2 s, and what a busy machine takes; with the handover it would be 10 s.
      assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(7));
      taking.complete(new Answering(order.turn(), order.fence(), "model", provider.inbox()));
      assertThat(provider.received().await(StopAnswer.class).turn()).isEqualTo(turn.turn());
    } finally {
      patient.close().await(20, SECONDS);
    }
  }

  private void redeploy(JsonObject config) throws Exception {
    session.undeploy().await(20, SECONDS);
    session.deploy(config);
  }

  /** @param turn null for the one in progress */
  private TurnId cancel(TurnId turn) throws Exception {
    return session.cancel("s", turn).await(20, SECONDS);
  }
}
