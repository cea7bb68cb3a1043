package io.consoul.acceptance.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@TestMethodOrder(OrderAnnotation.class) // the second one ends the node
@DisplayName("The log of a node that says all it can")
class LogsIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String KEY = "caller-key-0123456789-0123456789";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  @TempDir
  private static Path folder;

  private static Vertx vertx;
  private static RedisServer redis;
  private static FakeProvider openAi;
  private static NodeProcess node;
  private static ChatClient client;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    redis = RedisServer.start("--requirepass", "redis-secret");
    openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    node = NodeProcess.onRedis(
            folder,
            redis,
            "CONSOUL_SESSION_REDIS_URL",
            redis.urlWithPassword(),
            "CONSOUL_LOG_LEVEL",
            "TRACE",
            "CONSOUL_LOG_FORMAT",
            "json",
            "CONSOUL_API_KEYS",
            KEY,
            "OPENAI_API_KEY",
            "sk-provider-secret",
            "OPENAI_BASE_URL",
            openAi.baseUrl(),
            "CONSOUL_MODEL_NAME",
            "fake")
        .start()
        .awaitUp();
    client = new ChatClient(vertx, node.port()).withLimit(LIMIT);
  }

  @AfterAll
  static void end() {
    client.close();
    node.close();
    openAi.close().await();
    redis.close();
    vertx.close().await();
  }

  @Test
  @Order(1)
  @DisplayName(
      "names the request, and its trace, in every line about its turn, whichever verticle writes it")
  void ids() {
    openAi.answer(
        Script.error(500, "server_error", "oops", "marker-in-error"), Script.text("Hello"));

    HttpAnswer answer = chat("of-the-log", "Hello");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    String turn = answer.json().getString("turn_id");
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(lines())
            .anyMatch(line -> "io.consoul.access".equals(line.getString("logger_name"))
                && "r-of-the-log".equals(line.getString("request_id"))));
    assertThat(linesWith(line -> line.encode().contains(turn)))
        .hasSizeGreaterThan(1)
        .allSatisfy(line -> {
          assertThat(line.getString("request_id")).isEqualTo("r-of-the-log");
          assertThat(line.getString("trace_id")).isEqualTo(TRACE);
        })
        .extracting(line -> line.getString("logger_name"))
        .anyMatch(name -> name.startsWith("io.consoul.provider"));
    assertThat(linesWith(line -> line.encode().contains("provider openai failed: ")))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.getString("request_id")).isEqualTo("r-of-the-log"));
  }

  @Test
  @Order(2)
  @DisplayName("has nothing that was said in it, no key and no password, whatever goes wrong")
  void secrets() {
    openAi.answer(
        Script.text("marker-in-answer"),
        Script.error(401, "auth", "no", "marker-in-error"),
        Script.text("marker-in-half", "x").cutAfter(1),
        Script.text("marker-in-garbled", "x").malformedAfter(1));
    JsonObject session =
        new JsonObject().put("session_id", "secret").put("system_prompt", "marker-in-system");
    Map<String, String> key = Map.of("X-API-Key", KEY, "Content-Type", "application/json");

    client.post("/sessions", session.encode(), key);
    for (int i = 0; i < 4; i++) {
      chat("secret", "marker-in-message");
    }
    client.post("/chat", "{\"message\": \"marker-in-broken", key);
    client.get("/sessions?api_key=" + KEY + "&q=marker-in-query");
    client.get("/sessions", Map.of("Authorization", "Bearer marker-wrong-key"));
    try (SocketClient socket =
        client.connect("/ws/chat/secret?api_key=" + KEY, Map.of(), List.of())) {
      socket.sendText("marker-not-json");
      socket.await("error");
    }
    redis.kill();
    chat("secret", "marker-in-outage");
    node.terminate();
    node.exitCode(LIMIT);

    assertThat(node.lines()).anyMatch(line -> line.contains("\"stopped\""));
    assertThat(node.lines())
        .noneMatch(line -> line.contains("marker-"))
        .noneMatch(line -> line.contains(KEY))
        .noneMatch(line -> line.contains("sk-provider-secret"))
        .noneMatch(line -> line.contains("redis-secret"));
  }

  private static HttpAnswer chat(String session, String message) {
    JsonObject body = new JsonObject().put("session_id", session).put("message", message);
    return client.post(
        "/chat",
        body.encode(),
        Map.of(
            "Content-Type",
            "application/json",
            "X-API-Key",
            KEY,
            "X-Request-ID",
            "r-" + session,
            "traceparent",
            "00-" + TRACE + "-b7ad6b7169203331-01"));
  }

  private static List<JsonObject> linesWith(Predicate<JsonObject> fitting) {
    return lines().stream().filter(fitting).toList();
  }

  private static List<JsonObject> lines() {
    return node.lines().stream()
        .filter(line -> line.startsWith("{"))
        .map(JsonObject::new)
        .toList();
  }
}
