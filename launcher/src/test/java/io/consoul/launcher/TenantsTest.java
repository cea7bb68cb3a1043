package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Ann owns a session, Bob is of another tenant and knows everything about it: its id, its turn ids, its idempotency keys. */
@DisplayName("To another tenant a session")
class TenantsTest {

  @TempDir
  private static Path emptyConf;

  private static RunningServer running;
  private static ChatClient ann;
  private static ChatClient bob;
  private static ChatClient cat;
  private static ChatClient dan;

  private String session;

  @BeforeAll
  static void start() throws Exception {
    running = new RunningServer(
        emptyConf,
        Map.of(
            "CONSOUL_API_KEYS",
            "[{\"key\":\"sk-ann-0123456789\",\"id\":\"ann\",\"tenant\":\"ann\"},"
                + "{\"key\":\"sk-bob-0123456789\",\"id\":\"bob\",\"tenant\":\"bob\"},"
                + "\"sk-cat-0123456789\",\"sk-dan-0123456789\"]"));
    ann = running.client.withHeader("X-API-Key", "sk-ann-0123456789");
    cat = running.client.withHeader("X-API-Key", "sk-cat-0123456789");
    dan = running.client.withHeader("X-API-Key", "sk-dan-0123456789");
    bob = running.client.withHeader("Authorization", "Bearer sk-bob-0123456789");
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @BeforeEach
  void freshSession(TestInfo test) {
    session = test.getTestMethod().orElseThrow().getName();
    running.openAi.answer(Script.echo());
  }

  private static List<String> lastPrompt() {
    var requests = running.openAi.requests();
    return requests.get(requests.size() - 1).messages().stream()
        .map(message -> message.getString("content"))
        .toList();
  }

  private JsonObject body(String message) {
    return new JsonObject().put("session_id", session).put("message", message);
  }

  private static void assertNotThere(HttpAnswer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(404);
    assertThat(answer.json().getString("code")).isEqualTo("E100");
  }

  /** Without what differs between any two answers. */
  private static JsonObject anonymised(HttpAnswer answer, String session) {
    JsonObject json = answer.json();
    json.remove("timestamp");
    return new JsonObject(json.encode().replace(session, "ID"));
  }

  /** A turn of Ann's that goes on until it is released. */
  private final class Running implements AutoCloseable {
    private final Promise<Void> release = Promise.promise();
    private final EventStream stream;
    private final String turn;

    Running() {
      running.openAi.answer(Script.text("one ", "two ", "three").heldAfter(1, release.future()));
      stream = ann.stream(session, "of Ann");
      stream.awaitFirstToken();
      String id = stream.lastEventId();
      turn = id.substring(0, id.lastIndexOf(':'));
      running.openAi.answer(Script.echo());
    }

    void assertUndisturbed() {
      release.tryComplete();
      stream.awaitEnd();
      assertThat(stream.text()).isEqualTo("one two three");
      assertThat(stream.events("done").get(0).json().getString("finish_reason")).isEqualTo("stop");
    }

    @Override
    public void close() {
      release.tryComplete();
    }
  }

  @Test
  @DisplayName("of the same id is another session, on /chat, in a stream and on a WebSocket")
  void otherSession() {
    ann.chat(session, "of Ann");
    bob.chat(session, "one");
    assertThat(lastPrompt()).containsExactly("one");
    bob.stream(session, "two").awaitEnd();
    assertThat(lastPrompt()).containsExactly("one", "You said: one", "two");
    try (SocketClient socket = bob.connect(session)) {
      socket.say("three").await("done");
    }
    assertThat(lastPrompt()).hasSize(5).doesNotContain("of Ann");

    ann.chat(session, "again");
    assertThat(lastPrompt()).containsExactly("of Ann", "You said: of Ann", "again");
  }

  @Test
  @DisplayName("is not read, not listed and not deleted, and cannot be told from one that is not")
  void notThere() {
    ann.chat(session, "of Ann");
    String unknown = session + "-unknown";

    for (String end : List.of("", "/messages")) {
      HttpAnswer hidden = bob.get("/sessions/" + session + end);
      assertNotThere(hidden);
      assertThat(anonymised(hidden, session))
          .isEqualTo(anonymised(bob.get("/sessions/" + unknown + end), unknown));
    }
    HttpAnswer kept = bob.delete("/sessions/" + session);
    assertNotThere(kept);
    assertThat(anonymised(kept, session))
        .isEqualTo(anonymised(bob.delete("/sessions/" + unknown), unknown));
    assertThat(bob.get("/sessions?limit=1000").text()).doesNotContain("\"" + session + "\"");
    assertThat(bob.get("/sessions?namespace=" + session).text())
        .doesNotContain("\"" + session + "\"");

    assertThat(ann.get("/sessions/" + session).json().getInteger("turns")).isEqualTo(1);
    assertThat(ann.get("/sessions?limit=1000").text()).contains("\"" + session + "\"");
  }

  @Test
  @DisplayName("is not found by the cursor of its owner's list")
  void cursor() {
    for (int i = 0; i < 3; i++) {
      ann.chat(session + i, "of Ann");
    }
    String cursor = ann.get("/sessions?limit=1").json().getString("next_cursor");
    assertThat(cursor).isNotNull();

    assertThat(
            bob.get("/sessions?limit=1000&cursor=" + ChatClient.encoded(cursor)).text())
        .doesNotContain("\"session_id\":\"" + session);

    ann.chat(session, "one");
    ann.chat(session, "two");
    String page =
        ann.get("/sessions/" + session + "/messages?limit=1").json().getString("next_cursor");
    assertNotThere(
        bob.get("/sessions/" + session + "/messages?cursor=" + ChatClient.encoded(page)));
  }

  @Test
  @DisplayName("does not take its id: it can be made, read and deleted beside it")
  void made() {
    JsonObject creation = new JsonObject().put("session_id", session);
    assertThat(
            ann.post("/sessions", creation.copy().put("system_prompt", "Ann's")).status())
        .isEqualTo(201);
    assertThat(bob.post("/sessions", creation).status()).isEqualTo(201);
    assertThat(bob.get("/sessions/" + session).text()).doesNotContain("Ann's");
    assertThat(ann.post("/sessions", creation).status()).isEqualTo(409);

    assertThat(bob.delete("/sessions/" + session).status()).isEqualTo(204);
    assertThat(ann.get("/sessions/" + session).text()).contains("Ann's");
  }

  @Test
  @DisplayName("has no turn to attach to, by path, by Last-Event-ID or on a WebSocket")
  void attach() {
    try (Running turn = new Running()) {
      for (int i = 0; i < 2; i++) { // while it runs, and afterwards
        assertNotThere(bob.follow(turn.turn, null).refusal());
        assertNotThere(bob.follow(turn.turn, turn.turn + ":0").refusal());
        assertNotThere(
            bob.stream("/chat/stream", body("of Ann"), Map.of("Last-Event-ID", turn.turn + ":0"))
                .refusal());
        try (SocketClient socket = bob.connect(session)) {
          socket.send(new JsonObject().put("type", "resume").put("turn_id", turn.turn));
          JsonObject error = socket.next();
          assertThat(error.getString("type")).isEqualTo("error");
          assertThat(error.getJsonObject("data").getString("code")).isEqualTo("E100");
          assertThat(socket.messages("token")).isEmpty();
        }
        turn.assertUndisturbed();
      }
    }
  }

  @Test
  @DisplayName("has no turn to cancel, by session, by turn id or on a WebSocket")
  void cancel() {
    try (Running turn = new Running();
        SocketClient socket = bob.connect(session)) {
      String path = "/chat/" + session + "/cancel";
      HttpAnswer bySession = bob.post(path, "", Map.of());
      HttpAnswer byTurn = bob.post(path, new JsonObject().put("turn_id", turn.turn));
      for (HttpAnswer answer : List.of(bySession, byTurn)) {
        assertThat(answer.text()).doesNotContain("\"cancelled\":\"");
      }
      assertThat(anonymised(bySession, session).getString("code"))
          .isEqualTo(
              bob.post("/chat/" + session + "-x/cancel", "", Map.of()).json().getString("code"));
      socket.send(new JsonObject().put("type", "cancel"));
      socket.send(new JsonObject().put("type", "ping")).await("pong");

      // What was cancelled would be so before Bob's own turn is answered.
      socket.say("of Bob").await("done");
      turn.assertUndisturbed();
    }
  }

  @Test
  @DisplayName("is not waited for while a turn of it runs")
  void notWaitedFor() {
    try (Running turn = new Running()) {
      assertThat(bob.chat(session, "of Bob").status()).isEqualTo(200);
      assertThat(turn.stream.ended()).isFalse();
      turn.assertUndisturbed();
    }
  }

  @Test
  @DisplayName("shares no idempotency keys, neither while their turn runs nor afterwards")
  void idempotencyKey() {
    Map<String, String> key = Map.of("Idempotency-Key", "one-key-for-all");
    HttpAnswer anns = ann.chat(session, "the same", key);
    HttpAnswer bobs = bob.chat(session, "the same", key);
    assertThat(bobs.status()).isEqualTo(200);
    assertThat(bobs.json().getString("turn_id")).isNotEqualTo(anns.json().getString("turn_id"));
    assertThat(bob.chat(session, "the same", key).json().getString("turn_id"))
        .isEqualTo(bobs.json().getString("turn_id"));
    assertThat(ann.chat(session, "the same", key).json().getString("turn_id"))
        .isEqualTo(anns.json().getString("turn_id"));

    // Another body under the key would be refused, were it the same key.
    Map<String, String> other = Map.of("Idempotency-Key", "another-key");
    assertThat(ann.chat(session, "of Ann", other).status()).isEqualTo(200);
    assertThat(bob.chat(session, "of Bob", other).status()).isEqualTo(200);

    try (SocketClient socket = bob.connect(session)) {
      socket.send(new JsonObject()
          .put("type", "message")
          .put("content", "of Ann")
          .put("idempotency_key", "socket-key"));
      String turn = socket.await("done").getJsonObject("data").getString("turn_id");
      HttpAnswer same = ann.chat(session, "of Ann", Map.of("Idempotency-Key", "socket-key"));
      assertThat(same.json().getString("turn_id")).isNotEqualTo(turn);
    }
  }

  @Test
  @DisplayName("is another one for the messages of a batch, in order and in parallel")
  void batch() {
    ann.chat(session, "of Ann");
    JsonObject batch = new JsonObject()
        .put("session_id", session)
        .put("messages", new JsonArray().add(new JsonObject().put("content", "of a batch")));
    assertThat(bob.post("/chat/batch", batch.copy().put("sequential", false)).status())
        .isEqualTo(200);
    assertThat(lastPrompt()).containsExactly("of a batch");
    assertThat(bob.post("/chat/batch", batch).status()).isEqualTo(200);
    assertThat(lastPrompt()).containsExactly("of a batch");

    assertThat(ann.get("/sessions/" + session + "/messages").text()).doesNotContain("of a batch");
    assertThat(bob.get("/sessions/" + session + "/messages").text()).doesNotContain("of Ann");
  }

  @Test
  @DisplayName("of a key without a tenant is as little there as one of another tenant")
  void defaultTenant() {
    cat.chat(session, "of Cat");
    assertNotThere(bob.get("/sessions/" + session));

    ann.chat(session + "-2", "of Ann");
    assertNotThere(cat.get("/sessions/" + session + "-2"));
  }

  @Test
  @DisplayName(
      "is not one where neither key has any: they share their sessions, but each lists its own")
  void withoutTenants() {
    cat.chat(session, "of Cat");
    dan.chat(session + "-2", "of Dan");

    assertThat(dan.get("/sessions/" + session).status()).isEqualTo(200);
    assertThat(cat.get("/sessions?limit=1000").text())
        .contains("\"" + session + "\"")
        .doesNotContain(session + "-2");
    assertThat(dan.get("/sessions?limit=1000").text())
        .contains(session + "-2")
        .doesNotContain("\"" + session + "\"");
  }

  @Test
  @DisplayName("stays what it is when the other one is deleted in the middle of its turn")
  void deletedBeside() {
    try (Running turn = new Running()) {
      bob.chat(session, "of Bob");
      assertThat(bob.delete("/sessions/" + session).status()).isEqualTo(204);
      turn.assertUndisturbed();
    }
    await()
        .untilAsserted(() -> assertThat(ann.get("/sessions/" + session).json().getInteger("turns"))
            .isEqualTo(1));
  }
}
