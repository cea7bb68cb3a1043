package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.AnswerTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Completed;
import io.consoul.message.TokenCounter;
import io.consoul.message.Usage;
import io.consoul.testkit.FakeProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The tokens of a prompt")
class PromptTokensTest {

  private static final long COUNTED = 123_456;

  /** Nobody can read it, so nobody has. */
  private static final ChatMessage UNREADABLE =
      new ChatMessage(ChatMessage.Role.USER, "this is no JSON. ".repeat(1_000));

  private Stage stage;

  @AfterEach
  void close() {
    stage.close();
  }

  @Test
  @DisplayName(
      "that the session has counted are taken as they are; the history is not parsed again")
  void countedBySession() {
    stage = new Stage(Stage.quick());
    Completed completed = answer(null, "hi", COUNTED, true);

    String said = stage.listener.text(completed.turn());
    assertThat(said).endsWith("You said: hi");
    assertThat(completed.usage()).isEqualTo(new Usage(COUNTED, TokenCounter.count(said), 0, false));
  }

  @Test
  @DisplayName("that the session has counted stand in where a server does not tell its usage")
  void countedForServer() {
    Vertx outside = Vertx.vertx();
    try {
      FakeProvider fake = Stage.await(FakeProvider.start(outside));
      stage = new Stage(Stage.quick(fake, new JsonObject()));
      Completed completed = answer("fault-no-usage", "how are you", COUNTED, false);

      assertThat(completed.usage())
          .isEqualTo(new Usage(COUNTED, TokenCounter.count("You said: how are you"), 0, true));
    } finally {
      Stage.await(outside.close());
    }
  }

  @Test
  @DisplayName("that nobody has counted are counted here")
  void notCounted() {
    stage = new Stage(Stage.quick());
    assertThat(answer(null, "Hello there", 0, false).usage().inputTokens())
        .isEqualTo(TokenCounter.count("Hello there"));
  }

  private Completed answer(String model, String text, long promptTokens, boolean longHistory) {
    stage.listener.creditingTo(stage.provider);
    List<ChatMessage> history = new ArrayList<>();
    if (longHistory) {
      history.add(UNREADABLE);
    }
    history.add(ChatMessage.user(text));
    AnswerTurn plain = stage.order(text);
    stage.ask(new AnswerTurn(
        plain.turn(),
        plain.tenant(),
        plain.fence(),
        plain.token(),
        model,
        plain.settings(),
        history,
        promptTokens,
        plain.listener(),
        plain.sessionInbox(),
        plain.deadline()));
    return stage.listener.received().await(Completed.class);
  }
}
