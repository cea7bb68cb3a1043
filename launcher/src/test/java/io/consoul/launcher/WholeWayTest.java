package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.EventStream;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.ModelRequest;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("From a client through four verticles to a provider and back")
class WholeWayTest {

  /**
   * A session verticle has not answered for seconds: a machine stood still meanwhile that is busy with something else. It is to be
   * asked again, as the answer says.
   */
  private static final String STOOD_STILL = "E110";

  @TempDir
  private static Path folder;

  private static RunningServer running;

  private String session;

  @BeforeAll
  static void start() throws Exception {
    // One server for all tests: a breaker would make those that follow the failures fail.
    running = new RunningServer(
        conf(),
        Map.of(
            "CONSOUL_SYSTEM_PROMPT",
            "Be kind.",
            "CONSOUL_RESCUE_ENABLED",
            "false",
            "CONSOUL_CIRCUIT_BREAKER_ENABLED",
            "false"));
  }

  /** The same provider once more, under a name for which nobody waits long. */
  private static Path conf() throws IOException {
    JsonObject hasty = new JsonObject()
        .put("name", "hasty")
        .put("kind", "ANTHROPIC") // which is asked for no model that it was not named for
        .put("baseUrl", "${env:" + RunningServer.FAKE_ANTHROPIC + "}")
        .put("timeoutSeconds", 1);
    JsonObject provider = new JsonObject().put("providers", new JsonArray().add(hasty));
    Files.writeString(folder.resolve("provider.json"), provider.encode());
    return folder;
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @BeforeEach
  void freshSession(TestInfo test) {
    session = test.getTestMethod().orElseThrow().getName() + "-" + System.nanoTime();
    running.openAi.answer(Script.echo());
  }

  @Test
  @DisplayName("a whole answer comes with model, provider, usage and finish reason")
  void wholeAnswer() {
    running.openAi.answer(Script.text("Good ", "morning 🎉").usage(12, 3));

    HttpAnswer answer = running.client.chat(session, "Hello");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().getString("response")).isEqualTo("Good morning 🎉");
    assertThat(answer.json().getString("session_id")).isEqualTo(session);
    assertThat(answer.json().getString("model")).isEqualTo("fake");
    assertThat(answer.json().getString("provider")).isEqualTo("openai");
    assertThat(answer.json().getString("finish_reason")).isEqualTo("stop");
    assertThat(answer.json().getJsonObject("usage"))
        .isEqualTo(
            new JsonObject(
                "{\"input_tokens\":12,\"output_tokens\":3,\"total_tokens\":15,\"estimated_cost\":0.0}"));
  }

  @Test
  @DisplayName(
      "the provider gets the key, the settings and the conversation, and is asked for usage")
  void whatTheProviderGets() {
    running.client.chat(session, "one");
    running.client.chat(session, "two");

    ModelRequest request = lastRequest();
    assertThat(request.header("Authorization")).isEqualTo("Bearer sk-test-secret");
    assertThat(request.model()).isEqualTo("fake");
    assertThat(request.asksForUsage()).isTrue();
    assertThat(request.messages().stream()
            .map(message -> message.getString("role") + " " + message.getString("content")))
        .containsExactly("system Be kind.", "user one", "assistant You said: one", "user two");
  }

  @Test
  @DisplayName("a stream brings every piece with its offset, and done only after the end")
  void stream() {
    EventStream stream = running.client.stream(session, "Hello").awaitEnd();

    assertThat(stream.text()).isEqualTo("You said: Hello");
    assertThat(stream.events("done")).hasSize(1);
    assertThat(stream.events().get(stream.events().size() - 1).event()).isEqualTo("done");
    assertThat(stream.lastEventId()).endsWith(":" + "You said: Hello".length());
  }

  @Test
  @DisplayName(
      "a WebSocket brings tokens and done, and keeps the conversation over several messages")
  void webSocket() {
    try (SocketClient socket = running.client.connect(session)) {
      socket.say("one").say("two");
      JsonObject first = socket.await("done").getJsonObject("data");
      JsonObject second = socket.await("done").getJsonObject("data");

      assertThat(socket.text(first.getString("turn_id"))).isEqualTo("You said: one");
      assertThat(socket.text(second.getString("turn_id"))).isEqualTo("You said: two");
      assertThat(lastRequest().messages()).hasSize(4);
    }
  }

  @Test
  @DisplayName("one conversation goes on over HTTP, a stream and a WebSocket")
  void oneConversation() {
    running.client.chat(session, "one");
    running.client.stream(session, "two").awaitEnd();
    try (SocketClient socket = running.client.connect(session)) {
      socket.say("three").await("done");
    }

    assertThat(lastRequest().messages()).hasSize(1 + 2 + 2 + 1);
  }

  @Test
  @DisplayName(
      "turns of one session run one after the other, each with those before it in its history")
  void oneAtATime() throws Exception {
    running.openAi.answer(Script.echo().delayEach(Duration.ofMillis(5)));
    int turns = 8;
    List<Future<HttpAnswer>> answers = IntStream.range(0, turns)
        .mapToObj(i -> running.client.beginChat(session, "question-" + i))
        .toList();
    for (Future<HttpAnswer> answer : answers) {
      assertThat(answer.await(20, TimeUnit.SECONDS).status()).isEqualTo(200);
    }

    running.client.chat(session, "last");

    List<String> contents = lastRequest().messages().stream()
        .skip(1)
        .map(message -> message.getString("content"))
        .toList();
    assertThat(contents).hasSize(2 * turns + 1);
    for (int i = 0; i < turns; i++) {
      assertThat(contents.get(2 * i + 1)).isEqualTo("You said: " + contents.get(2 * i));
    }
  }

  @ParameterizedTest(name = "{0} is {1} {2}")
  @CsvSource({
    "fault-429, 503, E202",
    "fault-quota, 503, E202",
    "fault-500, 503, E200",
    "fault-503, 503, E200",
    "fault-401, 500, E211",
    "fault-404, 503, E210",
    "fault-context, 400, E203",
    "fault-filter, 400, E204",
    "hasty/fault-hang, 504, E201"
  })
  @DisplayName("a failure before the first token is an HTTP error and leaves no trace")
  void failureBeforeTheFirstToken(String model, int status, String code) {
    HttpAnswer refused = running.client.post(
        "/chat",
        new JsonObject().put("session_id", session).put("message", "lost").put("model", model));
    assertThat(refused.status()).as(refused.text()).isEqualTo(status);
    assertThat(refused.json().getString("code")).isEqualTo(code);
    assertThat(refused.text()).doesNotContain("sk-test-secret");

    assertThat(running.client.chat(session, "kept").status()).isEqualTo(200);
    assertThat(lastRequest().messages()).hasSize(2);
    assertThat(lastRequest().model()).isEqualTo("fake");
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({
    "fault-cut, E200",
    "fault-end, E200",
    "hasty/fault-stall, E201",
    "fault-error-event, E200"
  })
  @DisplayName("a failure after the first token is an error event, and what was said is kept")
  void failureAfterTheFirstToken(String model, String code) {
    EventStream stream = running.client.stream(
        "/chat/stream",
        new JsonObject().put("session_id", session).put("message", "half").put("model", model),
        Map.of());
    stream.awaitEnd();

    assertThat(stream.events("done")).isEmpty();
    assertThat(stream.events("error")).hasSize(1);
    assertThat(stream.events("error").get(0).json().getString("code")).isEqualTo(code);
    assertThat(stream.text()).isNotEmpty();

    // The session keeps the broken model; what it sends next shows what was stored.
    running.client.chat(session, "next");
    List<JsonObject> messages = lastRequest().messages().stream()
        .filter(
            message -> !message.getString("role").equals("system")) // it stands elsewhere for some
        .toList();
    assertThat(messages)
        .extracting(message -> message.getString("role"))
        .containsExactly("user", "assistant", "user");
    assertThat(messages.get(1).encode()).contains("\"" + stream.text() + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fault-no-done",
        "fault-malformed",
        "fault-bytes",
        "fault-one-write",
        "fault-crlf",
        "fault-comments",
        "fault-no-usage",
        "fault-usage-twice",
        "fault-early-usage"
      })
  @DisplayName("what is odd on the wire but whole is a whole answer")
  void oddButWhole(String model) {
    HttpAnswer answer = running.client.post(
        "/chat",
        new JsonObject().put("session_id", session).put("message", "Hello").put("model", model));

    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().getString("finish_reason")).isEqualTo("stop");
  }

  @Test
  @DisplayName("a client that goes away does not stop its turn")
  void clientGoesAway() {
    Promise<Void> release = Promise.promise();
    int abortedBefore = running.openAi.aborted();
    running.openAi.answer(Script.text("one ", "two ", "three").heldAfter(1, release.future()));
    EventStream stream = running.client.stream(session, "Hello");
    stream.awaitFirstToken();
    stream.abort();
    release.complete();

    running.openAi.answer(Script.text("ok"));
    assertThat(running.client.chat(session, "next").status()).isEqualTo(200);

    assertThat(lastRequest().messages().get(2).getString("content")).isEqualTo("one two three");
    assertThat(running.openAi.aborted()).isEqualTo(abortedBefore);
  }

  @Test
  @DisplayName(
      "a model that nobody has is E210 and names what there is; the echo model always is there")
  void models() {
    HttpAnswer echo = running.client.post(
        "/chat",
        new JsonObject().put("session_id", session).put("message", "Hello").put("model", "echo"));

    assertThat(echo.json().getString("model")).isEqualTo("echo");
    assertThat(echo.json().getString("response")).contains("echo model").contains("Hello");
  }

  @Test
  @DisplayName("two hundred unique sessions at once, as a load script has them, are all answered")
  void loadScript() throws Exception {
    List<Integer> left = unanswered(IntStream.range(0, 200).boxed().toList());
    if (!left.isEmpty()) { // a machine that stood still does not do so at once again
      left = unanswered(left);
    }
    assertThat(left).hasSizeLessThanOrEqualTo(20);
    for (int i : left) {
      assertThat(unanswered(List.of(i))).isEmpty();
    }
  }

  /** Those of them, all asked at once, that are to be asked again. */
  private static List<Integer> unanswered(List<Integer> all) throws Exception {
    List<Future<HttpAnswer>> answers = all.stream()
        .map(i -> running.client.beginChat("load-test-" + i, "Hello " + i))
        .toList();
    List<Integer> unanswered = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      HttpAnswer answer = answers.get(i).await(60, TimeUnit.SECONDS);
      if (STOOD_STILL.equals(answer.json().getString("code"))) {
        unanswered.add(all.get(i));
      } else {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().getString("response")).isEqualTo("You said: Hello " + all.get(i));
      }
    }
    return unanswered;
  }

  @Test
  @DisplayName("nothing is left open when all have their answers")
  void nothingLeftOpen() {
    running.client.chat(session, "Hello");

    await().until(() -> running.openAi.openStreams() == 0);
    await().until(() -> running.client.get("/health").json().getInteger("connections") == 0);
    await().until(() -> running.client.get("/ready").json().getString("status").equals("ready"));
  }

  private static ModelRequest lastRequest() {
    List<ModelRequest> requests = running.openAi.requests();
    return requests.get(requests.size() - 1);
  }
}
