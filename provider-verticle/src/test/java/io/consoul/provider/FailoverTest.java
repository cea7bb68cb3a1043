package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Completed;
import io.consoul.message.SealTurn;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.ModelRequest;
import io.consoul.testkit.Script;
import io.vertx.circuitbreaker.CircuitBreakerState;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A turn on a route with several targets")
class FailoverTest {

  private static final String WHOLE = "The quick brown fox jumps over the lazy dog and sleeps.";
  private static final Script GOOD = Script.text(WHOLE.split("(?<= )"));

  private final Vertx outside = Vertx.vertx();
  private FakeProvider first;
  private FakeProvider second;
  private Stage stage;

  @BeforeEach
  void startFakes() {
    first = Stage.await(FakeProvider.start(outside));
    second = Stage.await(FakeProvider.start(outside));
  }

  @AfterEach
  void close() {
    stage.close();
    Stage.await(outside.close());
  }

  @ParameterizedTest
  @CsvSource({
    "503,server_error,3",
    "429,rate_limit_exceeded,1",
    "429,insufficient_quota,1",
    "401,invalid_api_key,1",
    "404,model_not_found,1"
  })
  @DisplayName(
      "goes to the next one when the first fails, which is asked again only where that may help")
  void failover(int status, String code, int calls) {
    start(new JsonObject());
    first.answer(Script.error(status, "x", code, "no"));
    second.answer(GOOD);
    Completed completed = answer();
    assertThat(completed.provider()).isEqualTo("second");
    assertThat(completed.model()).isEqualTo("m2");
    assertThat(completed.rescues()).isZero();
    assertThat(first.requests()).hasSize(calls);
    SealTurn seal = stage.session.received().all(SealTurn.class).get(0);
    assertThat(seal.provider()).isEqualTo("second");
    assertThat(seal.model()).isEqualTo("m2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"content_filter", "invalid_value"})
  @DisplayName("does not go to another with what the request itself is to blame for")
  void noFailover(String code) {
    start(new JsonObject());
    first.answer(Script.error(400, "invalid_request_error", code, "no"));
    second.answer(GOOD);
    failure();
    assertThat(second.requests()).isEmpty();
  }

  @Test
  @DisplayName("goes with a prompt that is too long only to a larger window")
  void window() {
    start(new JsonObject());
    first.answer(Script.error(400, "x", "context_length_exceeded", "no"));
    second.answer(GOOD);
    assertThat(failure().failure().fault()).isEqualTo(Fault.LLM_CONTEXT_TOO_LONG);
    assertThat(second.requests()).isEmpty();
    stage.close();

    start(new JsonObject(), 1_000, 100_000);
    assertThat(answer().provider()).isEqualTo("second");
  }

  @Test
  @DisplayName("goes to the next one when the first does not begin in time, and leaves that alone")
  void firstToken() {
    start(new JsonObject().put("firstTokenSeconds", 0.2));
    first.answer(GOOD.hangAfter(0));
    second.answer(GOOD);
    assertThat(answer().provider()).isEqualTo("second");
    await().until(() -> first.aborted() == 1);
  }

  @Test
  @DisplayName("goes to the next one at once when the first has taken five calls and answered none")
  void neverAnswers() {
    start(new JsonObject().put("firstTokenSeconds", 0.2));
    first.answer(GOOD.hang());
    second.answer(GOOD);
    CircuitBreakerState state = CircuitBreakerState.CLOSED;
    for (int i = 1; i <= 20 && state == CircuitBreakerState.CLOSED; i++) {
      ask();
      stage.listener.received().await(Completed.class, i);
      state = stage.providers.healths().of("first").state();
    }
    assertThat(state).isEqualTo(CircuitBreakerState.OPEN);
    assertThat(stage.providers.healths().of("second").state())
        .isEqualTo(CircuitBreakerState.CLOSED);
  }

  @Test
  @DisplayName("goes to the next one at once while the first wants to be left alone")
  void held() {
    start(new JsonObject());
    first.answer(Script.error(429, "x", "rate_limit_exceeded", "no").header("Retry-After", "600"));
    second.answer(GOOD);
    answer();
    ask();
    stage.listener.received().await(Completed.class, 2);
    assertThat(first.requests()).hasSize(1);
    assertThat(second.requests()).hasSize(2);
  }

  @Test
  @DisplayName("fails with the most useful of what went wrong when nobody can answer")
  void nobody() {
    start(new JsonObject());
    first.answer(Script.error(503, "x", null, "no"));
    second.answer(Script.error(401, "x", null, "no"));
    assertThat(failure().failure().fault()).isEqualTo(Fault.LLM_UNAVAILABLE);
    assertThat(first.requests()).hasSize(3);
    assertThat(second.requests()).hasSize(1);
  }

  @Test
  @DisplayName(
      "that breaks off is joined to the same answer by the next one, and costs what each has said")
  void rescued() {
    start(new JsonObject());
    first.answer(GOOD.cutAfter(5));
    second.answer(GOOD);
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo(WHOLE);
    assertThat(completed.provider()).isEqualTo("second");
    assertThat(completed.rescues()).isEqualTo(1);
    assertThat(completed.usage().estimated()).isTrue();
    long output = completed.usage().outputTokens();
    assertThat(completed.usage().estimatedCost())
        .isGreaterThan(output * 1 / 1e6)
        .isLessThan(output * 100 / 1e6);
    assertThat(first.requests()).hasSize(1);
    assertThat(stage.session.received().all(SealTurn.class))
        .extracting(SealTurn::rescues)
        .containsExactly(1);
  }

  @Test
  @DisplayName("that breaks off is continued by one that takes the beginning of an answer")
  void continued() {
    start(new JsonObject(), new JsonObject().put("prefill", true));
    first.answer(GOOD.cutAfter(5));
    second.answer(Script.text("jumps ", "somewhere else."));
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo("The quick brown fox jumps jumps somewhere else.");
    List<JsonObject> asked = second.requests().get(0).messages();
    JsonObject beginning = asked.get(asked.size() - 1);
    assertThat(beginning.getString("role")).isEqualTo("assistant");
    assertThat(beginning.getString("content")).isEqualTo("The quick brown fox jumps");
  }

  @Test
  @DisplayName("that breaks off is asked anew of one that refuses the beginning of an answer")
  void prefillRefused() {
    start(new JsonObject(), new JsonObject().put("prefill", true));
    first.answer(GOOD.cutAfter(5));
    second.answer(Script.error(400, "invalid_request_error", null, "no prefill"), GOOD);
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo(WHOLE);
    assertThat(second.requests()).hasSize(2);
    ModelRequest anew = second.requests().get(1);
    assertThat(anew.messages()).hasSize(1);
  }

  @Test
  @DisplayName("that breaks off comes back to the first one when the next does not go on with it")
  void backToTheFirst() {
    start(new JsonObject());
    first.answer(GOOD.cutAfter(5), GOOD);
    second.answer(Script.text("I would rather talk about the weather today, if I may."));
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo(WHOLE);
    assertThat(completed.provider()).isEqualTo("first");
    assertThat(second.requests()).hasSize(1);
  }

  @Test
  @DisplayName(
      "that breaks off is asked anew of one that sees nothing missing, which would look whole")
  void nothingMissing() {
    start(new JsonObject(), new JsonObject().put("prefill", true));
    first.answer(GOOD.cutAfter(5));
    second.answer(Script.text(), GOOD);
    assertThat(text(answer())).isEqualTo(WHOLE);
    assertThat(second.requests()).hasSize(2);
    assertThat(second.requests().get(1).messages()).hasSize(1);
  }

  @Test
  @DisplayName("that breaks off comes back to the first one when the next refuses the request")
  void refusedByTheNext() {
    start(new JsonObject());
    first.answer(GOOD.cutAfter(5), GOOD);
    second.answer(Script.error(400, "invalid_request_error", "invalid_value", "no such option"));
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo(WHOLE);
    assertThat(completed.provider()).isEqualTo("first");
  }

  @Test
  @DisplayName("that breaks off is not given to another when one has called a tool instead")
  void toolCalled() {
    start(new JsonObject());
    first.answer(GOOD.cutAfter(5), GOOD);
    second.answer(Script.text("Let me look. ").then(Script.toolCall("c1", "look", "{}")));
    assertThat(failure().length()).isEqualTo("The quick brown fox jumps ".length());
    assertThat(first.requests()).hasSize(1);
  }

  @Test
  @DisplayName("that breaks off does not go back to one that was silent")
  void silentOne() {
    start(new JsonObject().put("firstTokenSeconds", 0.2));
    first.answer(GOOD.hang());
    second.answer(GOOD.cutAfter(5), GOOD);
    Completed completed = answer();
    assertThat(text(completed)).isEqualTo(WHOLE);
    assertThat(completed.provider()).isEqualTo("second");
    assertThat(first.requests()).as("none, where it was slow to see it").hasSizeLessThan(2);
  }

  private void start(JsonObject route) {
    start(route, new JsonObject());
  }

  private void start(JsonObject route, JsonObject secondModel) {
    start(route, new JsonObject(), secondModel);
  }

  private void start(JsonObject route, int firstWindow, int secondWindow) {
    start(
        route,
        new JsonObject().put("window", firstWindow),
        new JsonObject().put("window", secondWindow));
  }

  private void start(JsonObject route, JsonObject firstModel, JsonObject secondModel) {
    JsonArray targets = new JsonArray()
        .add(new JsonObject().put("model", "first/m1"))
        .add(new JsonObject().put("model", "second/m2"));
    stage = new Stage(Stage.quick()
        .put("retry", new JsonObject().put("firstPauseMillis", 10))
        .put("rescue", new JsonObject())
        .put(
            "providers",
            new JsonArray()
                .add(provider("first", first, firstModel.put("name", "m1"), 1))
                .add(provider("second", second, secondModel.put("name", "m2"), 100)))
        .put("routes", new JsonArray().add(route.put("name", "smart").put("targets", targets))));
  }

  private static JsonObject provider(String name, FakeProvider fake, JsonObject model, int price) {
    model.put("prices", new JsonObject().put("input", 0).put("output", price));
    return new JsonObject()
        .put("name", name)
        .put("baseUrl", fake.baseUrl())
        .put("models", new JsonArray().add(model));
  }

  private void ask() {
    AnswerTurn order = stage.order(
        stage.newTurn(),
        Stage.FENCE,
        "hi",
        "smart",
        stage.listener.listener(),
        Duration.ofMinutes(1));
    stage.ask(order);
  }

  private Completed answer() {
    ask();
    return stage.listener.received().await(Completed.class);
  }

  private TurnFailed failure() {
    ask();
    return stage.listener.received().await(TurnFailed.class);
  }

  private String text(Completed completed) {
    return stage.listener.text(completed.turn());
  }
}
