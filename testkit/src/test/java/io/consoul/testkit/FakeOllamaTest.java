package io.consoul.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
@DisplayName("The fake Ollama")
class FakeOllamaTest {

  private static final String HI =
      "{\"model\":\"llama-x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final String LINE =
      "{\"model\":\"llama-x\",\"created_at\":\"2026-05-01T10:00:00.1Z\",\"message\":{\"role\":\"assistant\",\"content\":";
  private static final String END = ",\"done\":true,\"done_reason\":\"stop\","
      + "\"total_duration\":4883583458,\"load_duration\":1334875,"
      + "\"prompt_eval_count\":26,\"prompt_eval_duration\":342546000,"
      + "\"eval_count\":282,\"eval_duration\":4535599000}";

  private FakeProvider fake;
  private RawClient client;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    fake = FakeProvider.start(vertx).await(20, SECONDS);
    client = RawClient.connect(fake.port());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    fake.close().await(20, SECONDS);
  }

  @Test
  @DisplayName("streams the documented lines, byte for byte, without being asked to")
  void streams() {
    fake.answer(Script.reasoning("hmm")
        .then(Script.text("Noo"))
        .then(Script.toolCall("c", "get_time", "{\"tz\":", "\"UTC\"}"))
        .usage(26, 282));

    HttpAnswer answer = ask(HI);

    assertThat(answer.header("Content-Type")).isEqualTo("application/x-ndjson");
    assertThat(answer.text())
        .isEqualTo(LINE + "\"\",\"thinking\":\"hmm\"},\"done\":false}\n"
            + LINE + "\"Noo\"},\"done\":false}\n"
            + LINE
            + "\"\",\"tool_calls\":[{\"function\":{\"name\":\"get_time\",\"arguments\":{\"tz\":\"UTC\"}}}]},\"done\":false}\n"
            + LINE + "\"\"}" + END + "\n");
  }

  @Test
  @DisplayName("answers as one object when no stream is wanted")
  void whole() {
    fake.answer(Script.text("No", "on.").usage(26, 282));

    HttpAnswer answer = ask(HI.replace("\"messages\"", "\"stream\":false,\"messages\""));

    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.text()).isEqualTo(LINE + "\"Noon.\"}" + END);
  }

  @Test
  @DisplayName("knows no usage, or reports an error in a line of its own")
  void broken() {
    fake.answer(Script.text("a").noUsage(), Script.text("a", "b").errorEventAfter(1));

    assertThat(ask(HI).text()).contains("\"done\":true").doesNotContain("eval_count");
    assertThat(ask(HI).text())
        .contains("\"a\"")
        .endsWith("{\"error\":\"an error was encountered while running the model\"}\n");
  }

  @Test
  @DisplayName("refuses with a plain string")
  void refuses() {
    fake.answer(Script.refusal(Refusal.NO_SUCH_MODEL));

    HttpAnswer answer = ask(HI);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).isEqualTo("{\"error\":\"model 'llama-x' not found\"}");
  }

  @Test
  @DisplayName("goes on from a last message of the assistant's own")
  void prefill() {
    fake.answer(Script.text("Once ", "upon a", " time"));

    String rest = ask(HI.replace("}]", "},{\"role\":\"assistant\",\"content\":\"Once upon\"}]"))
        .text();

    assertThat(rest).contains("\" a\"", "\" time\"").doesNotContain("Once");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"developer\",\"content\":\"hi\"}]}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\",\"images\":[\"data:image/png;base64,AA\"]}]}",
        "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}]}"
      })
  @DisplayName("refuses a request that the real API would refuse")
  void refusesBadRequests(String body) {
    assertThat(ask(body).status()).isEqualTo(400);
    assertThat(fake.requests()).isEmpty();
  }

  @Test
  @DisplayName("lists its models")
  void models() {
    assertThat(client.get("/api/tags").answer().text())
        .startsWith("{\"models\":[{\"name\":\"fake\",\"model\":\"fake\"");
  }

  private HttpAnswer ask(String body) {
    return client.post("/api/chat", body).answer();
  }
}
