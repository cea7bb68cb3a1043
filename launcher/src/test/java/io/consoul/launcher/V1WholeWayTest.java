package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.RawClient;
import io.consoul.testkit.Script;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("From a client of OpenAI's API to a provider and back")
class V1WholeWayTest {

  private static final String PATH = "/v1/chat/completions";
  private static final int CALLS_AT_ONCE = 8;

  @TempDir
  private static Path emptyConf;

  private static RunningServer running;

  private final HttpClient metrics = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws Exception {
    // As by default, only that everybody is less patient.
    running = new RunningServer(
        emptyConf,
        Map.of(
            "CONSOUL_STREAM_ALIVE_MS", "150",
            "CONSOUL_STREAM_LISTENER_SILENCE_MS", "3000",
            "CONSOUL_SSE_PING_INTERVAL", "0.2",
            "CONSOUL_PROVIDER_MAX_CONNECTIONS", "" + CALLS_AT_ONCE,
            "CONSOUL_CIRCUIT_BREAKER_ENABLED", "false"));
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @BeforeEach
  void nobodyThere() {
    await().until(() -> running.openAi.openStreams() == 0);
  }

  private static JsonObject body(boolean streamed) {
    return new JsonObject()
        .put("model", "fake")
        .put("stream", streamed)
        .put(
            "messages", JsonArray.of(new JsonObject().put("role", "user").put("content", "Hello")));
  }

  private void awaitWaiting(int calls) throws Exception {
    String line = "consoul_provider_connections_waiting{provider=\"openai\"} " + calls + ".0";
    await().until(() -> Scrape.of(running, metrics).lines().contains(line));
  }

  private static RawClient post(JsonObject body) {
    return post(running, body);
  }

  private static RawClient post(RunningServer server, JsonObject body) {
    return RawClient.connect(server.port).limit(Duration.ofSeconds(30)).post(PATH, body.encode());
  }

  private static int asked() {
    return asked(running);
  }

  private static int asked(RunningServer server) {
    return server.openAi.requests().size();
  }

  @Test
  @DisplayName("a model may think for long before its first word, and is asked once")
  void longThought() {
    running.openAi.answer(Script.text("Yes.").delayFirst(Duration.ofMillis(3_700)));
    int before = asked();
    Future<HttpAnswer> whole =
        running.client.begin(HttpMethod.POST, PATH, Map.of(), body(false).toBuffer());
    try (RawClient stream = post(body(true))) {
      String events = stream.awaitText("[DONE]");
      assertThat(events).contains("\"content\":\"Yes.\"").contains(": ping\n\n");
    }
    assertThat(whole.await().text()).contains("\"content\":\"Yes.\"");
    assertThat(asked() - before).isEqualTo(2);
  }

  @Test
  @DisplayName("an answer that is longer than what may be on its way comes whole, text and calls")
  void longAnswer() {
    List<String> pieces = Collections.nCopies(600, "x".repeat(500));
    running.openAi.answer(Script.text(pieces).oneWrite());
    assertThat(running.client.post(PATH, body(false)).json().encode())
        .contains("x".repeat(300_000));
    String[] fragments = Collections.nCopies(600, "y".repeat(500)).toArray(String[]::new);
    running.openAi.answer(Script.toolCall("c1", "f", fragments).oneWrite());
    assertThat(running.client.post(PATH, body(false)).json().encode())
        .contains("y".repeat(300_000));
  }

  @Test
  @DisplayName(
      "the provider is stopped when the client leaves before the first word, within the answer, and all choices")
  void leaves(@TempDir Path noConf) throws Exception {
    // Where nobody is patient a silent client would be missed as quickly as one that has left.
    try (RunningServer patient = new RunningServer(
        noConf,
        Map.of(
            "CONSOUL_STREAM_LISTENER_SILENCE_MS", "60000",
            "CONSOUL_PROVIDER_MAX_CONNECTIONS", "" + CALLS_AT_ONCE,
            "CONSOUL_CIRCUIT_BREAKER_ENABLED", "false"))) {
      leaves(patient);
    }
  }

  private static void leaves(RunningServer running) {
    for (Script script : List.of(
        Script.text("a", "b").hang(),
        Script.text("a", "b").hangAfter(0),
        Script.text("a", "b").hangAfter(1))) {
      for (int n : List.of(1, CALLS_AT_ONCE)) {
        for (boolean streamed : List.of(true, false)) {
          running.openAi.answer(script);
          int before = asked(running);
          RawClient client = post(running, body(streamed).put("n", n));
          await().until(() -> asked(running) - before == n && running.openAi.openStreams() == n);
          client.close();
          await() // for less than a silent client has
              .atMost(Duration.ofSeconds(30))
              .until(() -> running.openAi.openStreams() == 0);
          assertThat(asked(running) - before).isEqualTo(n);
        }
      }
    }
  }

  @Test
  @DisplayName("one that waits for its turn and leaves is never asked for")
  void leavesTheQueue() throws Exception {
    Promise<Void> release = Promise.promise();
    running.openAi.answer(Script.text("a", "b").heldAfter(0, release.future()));
    int before = asked();
    try (RawClient first = post(body(false).put("n", CALLS_AT_ONCE))) {
      await().until(() -> asked() - before == CALLS_AT_ONCE);
      RawClient second = post(body(true));
      second.awaitText(": ping");
      awaitWaiting(1);
      second.close();
      awaitWaiting(
          0); // else it could be that a call has ended before it is known that the client has left
      RawClient third = post(body(false));
      release.complete();
      assertThat(first.answer().status()).isEqualTo(200);
      assertThat(third.answer().status()).isEqualTo(200);
      third.close();
    }
    assertThat(asked() - before).isEqualTo(CALLS_AT_ONCE + 1);
  }
}
