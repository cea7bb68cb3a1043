package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.FinishReason;
import io.consoul.message.Kind;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.StoreState;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.testkit.ScriptedSession;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A provider verticle whose session instance")
class SessionInstancesTest {

  private final Stage stage =
      new Stage(Stage.quick().put("echo", new JsonObject().put("delayMillis", 10)));
  private final ScriptedSession second = Stage.await(ScriptedSession.start(stage.node));

  @AfterEach
  void close() {
    stage.close();
  }

  @Test
  @DisplayName("is gone reports to another one at once, and seals there")
  void gone() {
    shared();
    // It cannot end before its listener takes more.
    AnswerTurn order = stage.order("one two three", stage.listener.listener(10));
    TurnId turn = order.turn();
    stage.ask(order);
    stage.session.received().await(Progress.class);
    Stage.await(stage.session.close());
    second.received().await(Progress.class);
    stage.listener.received().await(Delta.class, delta -> delta.end() == 10);
    stage.listener.creditingTo(stage.provider);
    stage.listener.credit(stage.provider, turn, order.fence(), 10);
    SealTurn seal = second.received().await(SealTurn.class);
    stage.listener.received().await(Completed.class);
    assertThat(seal.turn()).isEqualTo(turn);
    assertThat(seal.text()).contains(second.received().await(Progress.class).text());
  }

  @Test
  @DisplayName("goes while it is asked does not wait for its answer")
  void goneWhileAsked() {
    shared();
    stage.session.onSeal(seal -> ScriptedSession.noAnswer());
    say();
    stage.session.received().await(SealTurn.class);
    Stage.await(stage.session.close());
    second.received().await(SealTurn.class);
    stage.listener.received().await(Completed.class);
  }

  @Test
  @DisplayName("goes fails what it was asked, however long that might have waited for its answer")
  void asked() {
    stage.session.onSeal(seal -> ScriptedSession.noAnswer());
    SessionCalls calls = new SessionCalls(stage.node);
    Future<Sealed> answer = calls.ask(
        stage.session.inbox(),
        new SealTurn(
            stage.newTurn(),
            Tenant.DEFAULT,
            Stage.FENCE,
            "token",
            "text",
            FinishReason.STOP,
            new Usage(1, 1, 0, false),
            "m",
            "p"),
        Sealed.class,
        Duration.ofHours(1));
    stage.session.received().await(SealTurn.class);
    calls.lookWhetherAllLive();
    assertThat(answer.isComplete()).isFalse();

    Stage.await(stage.session.close());
    calls.lookWhetherAllLive();

    assertThat(answer.cause())
        .isInstanceOfSatisfying(
            FaultException.class,
            gone -> assertThat(gone.fault()).isEqualTo(Kind.SESSION.absent()));
  }

  @Test
  @DisplayName("is frozen asks another one when it has not answered, and that one from then on")
  void frozen() {
    shared();
    stage.session.onProgress(progress -> ScriptedSession.noAnswer());
    stage.session.onSeal(seal -> ScriptedSession.noAnswer());
    stage.listener.creditingTo(stage.provider);
    AnswerTurn order = stage.order("word ".repeat(10_000));
    stage.ask(order);
    Progress progress = second.received().await(Progress.class);
    assertThat(progress.offset()).isZero();
    second.received().await(Progress.class, 5);
    assertThat(stage.session.received().all(Progress.class))
        .as("asked once only")
        .hasSize(1);
  }

  @Test
  @DisplayName("refuses, for it is being stopped or away from its store, asks another one at once")
  void refusing() {
    shared();
    stage.session.onProgress(progress ->
        Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(1, "being stopped")));
    stage.session.onSeal(seal ->
        Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(1, "being stopped")));
    say();
    second.received().await(SealTurn.class);
    stage.listener.received().await(Completed.class);
    assertThat(stage.session.received().all(Progress.class)).hasSize(1);
    assertThat(second.received().all(Progress.class).get(0))
        .isEqualTo(stage.session.received().all(Progress.class).get(0));
    assertThat(stage.session.received().all(SealTurn.class)).isEmpty();
  }

  @Test
  @DisplayName("has its sessions to itself asks no other one, which would not know them")
  void memory() {
    stage.session.onSeal(seal -> Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because()));
    say();
    stage.session.received().await(SealTurn.class, 2);
    stage.pass(Duration.ofSeconds(30));
    assertThat(stage.listener.received().await(TurnFailed.class).failure().fault())
        .isEqualTo(Fault.SESSION_SAVE_FAILED);
    assertThat(second.received().all()).isEmpty();
  }

  private void shared() {
    stage.session.store(StoreState.CLUSTER);
    second.store(StoreState.CLUSTER);
  }

  private TurnId say() {
    stage.listener.creditingTo(stage.provider);
    return stage.say("one two three");
  }
}
