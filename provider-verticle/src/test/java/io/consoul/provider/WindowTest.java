package io.consoul.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.ChatMessage;
import io.consoul.message.Settings;
import io.consoul.message.TokenCounter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A conversation that is longer than its model's window")
class WindowTest {

  private static final ChatMessage SYSTEM = ChatMessage.system("Be brief.");
  private static final ChatMessage RESULT = new ChatMessage(
      ChatMessage.Role.TOOL,
      new JsonObject()
          .put("role", "tool")
          .put("tool_call_id", "c")
          .put("content", "12")
          .encode());

  private static final ChatMessage A = ChatMessage.user("a" + " word".repeat(10));
  private static final ChatMessage B = ChatMessage.assistant("b" + " word".repeat(10));
  private static final ChatMessage C = ChatMessage.user("c" + " word".repeat(10));
  private static final ChatMessage D = ChatMessage.assistant("d" + " word".repeat(10));
  private static final ChatMessage E = ChatMessage.user("e" + " word".repeat(10));

  /** Tokens of one of these messages. */
  private static final int EACH = 11;

  private static final int ANSWER = 10;

  @Test
  @DisplayName("loses its oldest turn, whole, and there is room for the answer again")
  void oldest() {
    Completion asked = asked(ANSWER, A, B, C, D, E);
    assertThat(asked.promptTokens()).isEqualTo(5 * EACH);
    Window window = new Window(5 * EACH + ANSWER - 1);

    Completion fitted = window.fit(asked);

    assertThat(window.holds(asked)).isFalse();
    assertThat(fitted.history()).containsExactly(C, D, E);
    assertThat(fitted.promptTokens()).isEqualTo(3 * EACH);
    assertThat(fitted.settings()).isEqualTo(asked.settings());
    assertThat(window.holds(fitted)).isTrue();
  }

  @Test
  @DisplayName("loses as many turns as it must")
  void many() {
    assertThat(new Window(2 * EACH + ANSWER).fit(asked(ANSWER, A, B, C, D, E)).history())
        .containsExactly(E);
  }

  @Test
  @DisplayName("is any that has one token too many; one that fits goes as it is")
  void fits() {
    Completion asked = asked(ANSWER, A, B, C);
    Window window = new Window(3 * EACH + ANSWER);

    assertThat(window.holds(asked)).isTrue();
    assertThat(window.fit(asked)).isSameAs(asked);
  }

  @Test
  @DisplayName("keeps what the system says, wherever it stands")
  void system() {
    assertThat(new Window(2 * EACH + ANSWER)
            .fit(asked(ANSWER, SYSTEM, A, B, SYSTEM, C, D, E))
            .history())
        .containsExactly(SYSTEM, SYSTEM, E);
  }

  @Test
  @DisplayName(
      "keeps its newest turn with the results of its tools, or the beginning of its answer, also when that is too long")
  void newest() {
    Window small = new Window(16);

    assertThat(small.fit(asked(ANSWER, A, B, C, D, RESULT)).history())
        .containsExactly(C, D, RESULT);
    assertThat(small.fit(asked(ANSWER, A, B, C, D)).history()).containsExactly(C, D);
    Completion alone = asked(ANSWER, SYSTEM, A);
    assertThat(small.fit(alone)).isSameAs(alone);
  }

  @Test
  @DisplayName("never begins with an answer or with the result of a tool")
  void turns() {
    assertThat(
            new Window(3 * EACH + ANSWER).fit(asked(ANSWER, A, B, RESULT, D, E)).history())
        .containsExactly(E);
  }

  @Test
  @DisplayName(
      "has room for an answer of no said length, too; never is more than half of the window kept for it")
  void answer() {
    assertThat(new Window(58).holds(asked(null, A, B, C, D))).isTrue();
    assertThat(new Window(57).holds(asked(null, A, B, C, D))).isFalse();
    assertThat(new Window(88).holds(asked(1_000_000, A, B, C, D))).isTrue();
    assertThat(new Window(86).holds(asked(1_000_000, A, B, C, D))).isFalse();
  }

  @Test
  @DisplayName("goes whole where nobody has counted it")
  void uncounted() {
    Completion asked = new Completion("m", Settings.NONE, List.of(A, B, C), 0);
    assertThat(new Window(16).fit(asked)).isSameAs(asked);
  }

  @Test
  @DisplayName("is cut off the event loop; one that fits, or whose window is not known, at once")
  void offTheLoop() {
    Vertx vertx = Vertx.vertx();
    try {
      TokenCount tokens = TokenCount.load(vertx);
      Completion asked = asked(ANSWER, A, B, C, D, E);
      Future<Completion> unknown = tokens.fit(asked, Model.named("m"));
      Future<Completion> fits = tokens.fit(asked, model(1_000));

      assertThat(unknown.result()).isSameAs(asked);
      assertThat(fits.result()).isSameAs(asked);
      assertThat(Stage.await(tokens.fit(asked, model(50))).history()).containsExactly(C, D, E);
    } finally {
      Stage.await(vertx.close());
    }
  }

  private static Model model(int window) {
    return new Model("m", window, Prices.NONE, null);
  }

  private static Completion asked(Integer maxTokens, ChatMessage... history) {
    long tokens = Arrays.stream(history)
        .mapToLong(message -> TokenCounter.count(message.content()))
        .sum();
    return new Completion("m", new Settings(null, null, maxTokens), List.of(history), tokens);
  }
}
