package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Completed;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.SealTurn;
import io.consoul.message.StopAnswer;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.Script;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A turn whose provider fails")
class RetryTest {

  private static final String WHOLE = "The quick brown fox jumps over the lazy dog and sleeps.";
  private static final Script GOOD = Script.text(WHOLE.split("(?<= )"));

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

  @ParameterizedTest
  @ValueSource(ints = {408, 409, 429, 500, 503, 529})
  @DisplayName("before the first word asks it again, and nobody notices")
  void retried(int status) {
    start();
    fake.answer(Script.error(status, "server_error", null, "not now"), GOOD);
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo(WHOLE);
    assertThat(completed.rescues()).isZero();
    assertThat(fake.requests()).hasSize(2);
  }

  @Test
  @DisplayName("without a response, or with an error as its first event, asks it again too")
  void retriedConnection() {
    start();
    fake.answer(GOOD.resetBeforeHead(), GOOD.errorEventAfter(0), GOOD);
    assertThat(text(answer())).isEqualTo(WHOLE);
    assertThat(fake.requests()).hasSize(3);
  }

  @Test
  @DisplayName("is asked three times at most, and its last failure is told")
  void givenUp() {
    start();
    fake.answer(Script.error(503, "server_error", null, "not now"));
    assertThat(failure().failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(fake.requests()).hasSize(3);
    assertThat(stage.session.received().all(AbortTurn.class)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"insufficient_quota", "invalid_api_key", "context_length_exceeded"})
  @DisplayName("in a way that no retry helps against is not asked again")
  void notRetried(String code) {
    start();
    int status = code.startsWith("insufficient") ? 429 : code.startsWith("invalid") ? 401 : 400;
    fake.answer(Script.error(status, "x", code, "no"), GOOD);
    failure();
    assertThat(fake.requests()).hasSize(1);
  }

  @Test
  @DisplayName("with silence is not asked again: it would wait as long once more")
  void silent() {
    start(new JsonObject().put("timeoutSeconds", 0.3));
    fake.answer(GOOD.hang(), GOOD);
    assertThat(failure().failure().fault()).isEqualTo(Fault.LLM_TIMEOUT);
    assertThat(fake.requests()).as("none, where it was slow to see it").hasSizeLessThan(2);
  }

  @Test
  @DisplayName("and says when it wants to be asked again is obeyed")
  void retryAfter() {
    start();
    fake.answer(
        Script.error(429, "rate_limit_error", "rate_limit_exceeded", "slow down")
            .header("retry-after-ms", "700"),
        GOOD);
    long before = System.nanoTime();
    answer();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(690));
    assertThat(fake.requests()).hasSize(2);
  }

  @Test
  @DisplayName(
      "and wants to be left alone for longer than anybody waits fails at once, and says how long")
  void longHold() {
    start();
    fake.answer(Script.error(429, "rate_limit_error", "rate_limit_exceeded", "slow down")
        .header("Retry-After", "77"));
    TurnFailed failed = failure();
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_RATE_LIMITED);
    assertThat(failed.failure().retryAfter()).isEqualTo(77);
    assertThat(fake.requests()).hasSize(1);
  }

  @Test
  @DisplayName("asks it again also where nobody waits for one that wants to be left alone")
  void noHolds() {
    stage = new Stage(patience(0));
    fake.answer(Script.error(503, "server_error", null, "not now"), GOOD);
    assertThat(text(answer())).isEqualTo(WHOLE);
  }

  @Test
  @DisplayName("and wants to be left alone again and again is not waited for longer than once")
  void holdsInAll() {
    stage = new Stage(patience(0.5));
    fake.answer(Script.error(429, "rate_limit_error", "rate_limit_exceeded", "slow down")
        .header("retry-after-ms", "400"));
    assertThat(failure().failure().fault()).isEqualTo(Fault.LLM_RATE_LIMITED);
    assertThat(fake.requests()).hasSize(2);
  }

  @Test
  @DisplayName("can be cancelled between two tries")
  void cancelled() {
    start();
    fake.answer(Script.error(503, "server_error", null, "no").header("Retry-After", "5"), GOOD);
    AnswerTurn order = stage.order("hi");
    stage.ask(order);
    await().until(() -> fake.requests().size() == 1 && fake.openStreams() == 0);
    stage.request(
        new StopAnswer(order.turn(), order.fence(), Failed.of(Fault.LLM_CANCELLED.because())));
    stage.listener.received().await(TurnFailed.class);
    assertThat(fake.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10})
  @DisplayName("in the middle of its answer goes on where it broke off, as one turn that is marked")
  void rescued(int pieces) {
    start();
    fake.answer(GOOD.cutAfter(pieces), GOOD);
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo(WHOLE);
    assertThat(completed.rescues()).isEqualTo(1);
    assertThat(completed.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(completed.usage().estimated()).isTrue();
    assertThat(fake.requests()).hasSize(2);
    SealTurn seal = stage.session.received().all(SealTurn.class).get(0);
    assertThat(seal.text()).isEqualTo(WHOLE);
    assertThat(stage.session.received().all(SealTurn.class)).hasSize(1);
    assertThat(seal.failure()).isNull();
  }

  @Test
  @DisplayName("by an error event, an early end or a stall in the middle goes on as well")
  void rescuedFromAnything() {
    start(new JsonObject().put("silenceSeconds", 1));
    fake.answer(GOOD.errorEventAfter(2), GOOD.endAfter(4), GOOD.hangAfter(6), GOOD);
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo(WHOLE);
    assertThat(completed.rescues()).isEqualTo(3);
  }

  @Test
  @DisplayName("and gives another answer when asked anew fails clearly, and what was said is kept")
  void notJoined() {
    start();
    fake.answer(GOOD.cutAfter(3), Script.text("Something else altogether, at some length."));
    TurnFailed failed = failure();
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(failed.failure().message()).contains("could be joined");
    assertThat(failed.length()).isEqualTo("The quick brown ".length());
    SealTurn seal = stage.session.received().all(SealTurn.class).get(0);
    assertThat(seal.text()).isEqualTo("The quick brown ");
    assertThat(seal.finishReason()).isEqualTo(FinishReason.INTERRUPTED);
  }

  @Test
  @DisplayName("again and again in the middle is given up after so many rescues")
  void rescuesEnd() {
    start();
    fake.answer(GOOD.cutAfter(1), GOOD.cutAfter(3), GOOD.cutAfter(5), GOOD.cutAfter(7), GOOD);
    TurnFailed failed = failure();
    assertThat(failed.failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(fake.requests()).hasSize(4);
    assertThat(failed.length()).isEqualTo("The quick brown fox jumps over the ".length());
  }

  @Test
  @DisplayName("is told as it happened where rescue is switched off")
  void switchedOff() {
    JsonObject config = config(new JsonObject());
    config.getJsonObject("rescue").put("enabled", false);
    stage = new Stage(config);
    fake.answer(GOOD.cutAfter(3), GOOD);
    assertThat(failure().length()).isEqualTo("The quick brown ".length());
    assertThat(fake.requests()).hasSize(1);
  }

  private void start() {
    start(new JsonObject());
  }

  private void start(JsonObject upstream) {
    stage = new Stage(config(upstream));
  }

  private JsonObject patience(double seconds) {
    JsonObject config = config(new JsonObject());
    config.getJsonObject("retry").put("longestHoldSeconds", seconds);
    return config;
  }

  private JsonObject config(JsonObject upstream) {
    return Stage.quick(fake, upstream)
        .put("retry", new JsonObject().put("firstPauseMillis", 20))
        .put("rescue", new JsonObject());
  }

  private Completed answer() {
    stage.say("hi");
    return stage.listener.received().await(Completed.class);
  }

  private TurnFailed failure() {
    stage.say("hi");
    return stage.listener.received().await(TurnFailed.class);
  }

  private String text(Completed completed) {
    return stage.listener.text(completed.turn());
  }
}
