package io.consoul.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@DisplayName("A provider that fails again and again")
@Execution(ExecutionMode.CONCURRENT)
class BreakerIT {

  private static final Script DOWN =
      Script.error(503, "server_error", null, "The engine is currently overloaded.");

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Until it is tried again: as long as a busy machine may need for what is refused until then. */
  private static final int LEFT_ALONE_SECONDS = 10;

  private final Vertx vertx = Vertx.vertx();
  private FakeProvider fake;
  private NodeProcess node;
  private ChatClient client;
  private ChatClient metrics;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    fake = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS).answer(DOWN);
    Files.writeString(folder.resolve("provider.json"), configuration().encode());
    node = NodeProcess.inMemory(folder).start().awaitUp();
    client = new ChatClient(vertx, node.port()).withLimit(LIMIT);
    metrics = new ChatClient(vertx, node.metricsPort());
  }

  @AfterEach
  void end() throws Exception {
    client.close();
    metrics.close();
    node.close();
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  @DisplayName(
      "is left alone on every way, which says when to come back, and is tried when the time has come")
  void leftAlone() {
    for (int i = 0; i < 5; i++) {
      assertThat(code(client.chat("s" + i, "Hi"))).isEqualTo("E200");
    }
    assertThat(fake.requests()).hasSize(5);

    assertRefused(client.chat("chat", "Hi"));
    assertRefused(client.stream("stream", "Hi").refusal());
    try (SocketClient socket = client.connect("socket").say("Hi")) {
      JsonObject error = socket.await("error").getJsonObject("data");
      assertThat(error.getString("code")).isEqualTo("E206");
      assertThat(error.getInteger("retry_after")).isBetween(1, LEFT_ALONE_SECONDS);
    }
    for (boolean sequential : new boolean[] {true, false}) {
      JsonObject one = batch(sequential).getJsonArray("responses").getJsonObject(0);
      assertThat(one.getJsonObject("error").getString("code")).isEqualTo("E206");
    }
    assertThat(fake.requests()).as("nobody has asked it since").hasSize(5);
    assertThat(meter("consoul_circuit_breaker_state")).isEqualTo(2);
    assertThat(meter("consoul_circuit_breaker_trips_total")).isEqualTo(1);
    assertThat(meter("consoul_circuit_breaker_rejections_total")).isEqualTo(5);

    fake.answer(Script.echo());
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(client.chat("chat", "Hi").status()).isEqualTo(200));
    assertThat(meter("consoul_circuit_breaker_state")).isEqualTo(1);
    assertThat(client.chat("chat", "Hi").status()).isEqualTo(200);
    assertThat(client.chat("chat", "Hi").status()).isEqualTo(200);
    assertThat(meter("consoul_circuit_breaker_state")).isZero();
  }

  private JsonObject configuration() {
    JsonObject provider = new JsonObject()
        .put("name", "fake")
        .put("baseUrl", fake.baseUrl())
        .put("models", new JsonArray().add("m"));
    return new JsonObject()
        .put("providers", new JsonArray().add(provider))
        .put("circuitBreaker", new JsonObject().put("timeoutSeconds", LEFT_ALONE_SECONDS))
        .put("retry", new JsonObject().put("maxRetries", 0));
  }

  private JsonObject batch(boolean sequential) {
    JsonArray messages =
        new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hi"));
    return client
        .post(
            "/chat/batch",
            new JsonObject()
                .put("session_id", "batch")
                .put("messages", messages)
                .put("sequential", sequential))
        .json();
  }

  private static void assertRefused(HttpAnswer refusal) {
    assertThat(refusal.status()).isEqualTo(503);
    assertThat(code(refusal)).isEqualTo("E206");
    assertThat(Integer.parseInt(refusal.header("Retry-After"))).isBetween(1, LEFT_ALONE_SECONDS);
    assertThat(refusal.json().getString("message")).startsWith("the provider fake ");
  }

  private static String code(HttpAnswer answer) {
    return answer.json().getString("code");
  }

  private double meter(String name) {
    String begin = name + "{provider=\"fake\"";
    return metrics
        .get("/metrics", Map.of())
        .text()
        .lines()
        .filter(line -> line.startsWith(begin))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + begin));
  }
}
