package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Failed;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.Script;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A provider that fails again and again")
class ShutOutTest {

  private static final Script GOOD = Script.text("all ", "is ", "well");
  private static final Script DOWN = Script.error(503, "server_error", null, "not now");

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

  private void start(double timeoutSeconds) {
    stage = new Stage(Stage.quick(fake, new JsonObject())
        .put("retry", new JsonObject().put("maxRetries", 0))
        .put("circuitBreaker", new JsonObject().put("timeoutSeconds", timeoutSeconds)));
  }

  private BusMessage turn() {
    TurnId turn = stage.say("hi");
    return stage.listener.received().await(BusMessage.class, each -> isEndOf(turn, each));
  }

  private static boolean isEndOf(TurnId turn, BusMessage message) {
    return message instanceof Completed completed && completed.turn().equals(turn)
        || message instanceof TurnFailed failed && failed.turn().equals(turn);
  }

  private Failed failure() {
    return ((TurnFailed) turn()).failure();
  }

  @Test
  @DisplayName("is left alone after five times, and the turns are told for how long")
  void shutOut() {
    start(60);
    fake.answer(DOWN);
    for (int i = 0; i < 5; i++) {
      assertThat(failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    }

    Failed refused = failure();
    assertThat(refused.fault()).isEqualTo(Fault.CIRCUIT_BREAKER_OPEN);
    assertThat(refused.retryAfter()).isBetween(30, 60);
    assertThat(fake.requests()).hasSize(5);
  }

  @Test
  @DisplayName("is asked again after its time, and as before when three answers are good")
  void back() {
    start(0.2);
    fake.answer(DOWN, DOWN, DOWN, DOWN, DOWN, GOOD);
    for (int i = 0; i < 5; i++) {
      failure();
    }
    await().until(() -> turn() instanceof Completed);

    for (int i = 0; i < 3; i++) {
      assertThat(turn()).isInstanceOf(Completed.class);
    }
    assertThat(stage
            .node
            .meters()
            .get("consoul.circuit.breaker.state")
            .tag("provider", "fake")
            .gauge()
            .value())
        .isZero();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(ints = {400, 401, 404, 422})
  @DisplayName("with a refusal that it is not to blame for is never left alone")
  void notToBlame(int status) {
    start(60);
    fake.answer(Script.error(status, "invalid_request_error", null, "no"));
    for (int i = 0; i < 7; i++) {
      failure();
    }

    assertThat(fake.requests()).hasSize(7);
  }
}
