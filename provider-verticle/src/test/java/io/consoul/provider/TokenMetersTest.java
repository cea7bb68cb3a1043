package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Failed;
import io.consoul.message.StopAnswer;
import io.consoul.message.TokenCounter;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.Script;
import io.micrometer.core.instrument.Counter;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The tokens that are counted for the metrics")
class TokenMetersTest {

  private static final String KNOWN = "known";

  private final Vertx outside = Vertx.vertx();
  private FakeProvider fake;
  private Stage stage;

  @BeforeEach
  void start() {
    fake = Stage.await(FakeProvider.start(outside));
    stage = new Stage(Stage.quick(
        fake,
        new JsonObject().put("models", new JsonArray().add(new JsonObject().put("name", KNOWN)))));
    stage.listener.creditingTo(stage.provider);
  }

  @AfterEach
  void close() {
    stage.close();
    Stage.await(outside.close());
  }

  @Test
  @DisplayName("are there with 0 before anybody has asked, for each model of the configuration")
  void fromTheStart() {
    assertThat(tokens("input", KNOWN)).isZero();
    assertThat(tokens("output", "echo")).isZero();
    assertThat(tokens("output", "other")).isZero();
  }

  @Test
  @DisplayName("are those that the provider tells")
  void told() {
    fake.answer(Script.text("one", " two").usage(19, 5));
    ask(KNOWN);
    stage.listener.received().await(Completed.class);

    assertThat(tokens("input", KNOWN)).isEqualTo(19);
    assertThat(tokens("output", KNOWN)).isEqualTo(5);
  }

  @Test
  @DisplayName(
      "of models that the configuration does not name are one number, however many they are")
  void unknownModels() {
    int before = counters().size();
    for (int i = 1; i <= 3; i++) {
      fake.answer(Script.text("one").usage(1, 2));
      ask("fake/unknown-" + i);
    }
    stage.listener.received().await(Completed.class, 3);

    assertThat(tokens("input", "other")).isEqualTo(3);
    assertThat(tokens("output", "other")).isEqualTo(6);
    assertThat(counters()).hasSize(before);
  }

  @Test
  @DisplayName("of a turn that is cancelled are those of what was said until then")
  void cancelled() {
    stop(Failed.of(Fault.LLM_CANCELLED.because("by its client")));
  }

  @Test
  @DisplayName("count, too, where the turn is nobody's any more")
  void deleted() {
    stop(Failed.of(Fault.SESSION_NOT_FOUND.because("deleted")));
  }

  private void stop(Failed reason) {
    fake.answer(Script.text("two words", " and more").hangAfter(1));
    AnswerTurn order = ask(KNOWN);
    stage.listener.received().await(Delta.class);

    stage.request(new StopAnswer(order.turn(), order.fence(), reason));

    await()
        .untilAsserted(
            () -> assertThat(tokens("output", KNOWN)).isEqualTo(TokenCounter.count("two words")));
    assertThat(tokens("input", KNOWN)).isEqualTo(TokenCounter.count("hi"));
  }

  private AnswerTurn ask(String model) {
    AnswerTurn order = stage.order(
        stage.newTurn(),
        Stage.FENCE,
        "hi",
        model,
        stage.listener.listener(),
        Duration.ofMinutes(1));
    stage.ask(order);
    return order;
  }

  private double tokens(String direction, String model) {
    return stage
        .node
        .meters()
        .get("consoul_token_usage")
        .tags("direction", direction, "model", model)
        .counter()
        .count();
  }

  private Collection<Counter> counters() {
    return stage.node.meters().get("consoul_token_usage").counters();
  }
}
