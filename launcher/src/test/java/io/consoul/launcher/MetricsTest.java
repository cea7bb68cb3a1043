package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.EventStream;
import io.consoul.testkit.Ports;
import io.consoul.testkit.Refusal;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The metrics of a server")
class MetricsTest {

  @TempDir
  private Path conf;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  @DisplayName("are on a port of their own, the JVM's and ours, ours with 0 from the start")
  void fromTheStart() throws Exception {
    try (RunningServer server = new RunningServer(conf, Map.of())) {
      HttpResponse<String> response = send(server.metrics(), "GET");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type"))
          .hasValue("text/plain; version=0.0.4; charset=utf-8");
      assertThat(response.body().lines())
          .contains(
              "consoul_active_sessions 0.0",
              "consoul_gc_runs_total 0.0",
              "consoul_gc_deleted_total 0.0",
              "consoul_gc_duration_seconds_count 0",
              "consoul_websocket_connections 0.0",
              "consoul_sse_connections 0.0",
              "consoul_slow_clients_total 0.0",
              "consoul_batch_request_total{processing_mode=\"parallel\",status=\"partial_failure\"} 0.0",
              "consoul_batch_message_total{processing_mode=\"sequential\",status=\"failed\"} 0.0",
              "consoul_batch_size_count 0",
              "consoul_batch_latency_seconds_count{processing_mode=\"sequential\"} 0",
              "consoul_turns_in_progress 0.0",
              "consoul_turns_interrupted_total 0.0",
              "consoul_circuit_breaker_state{provider=\"openai\"} 0.0",
              "consoul_circuit_breaker_state{provider=\"echo\"} 0.0",
              "consoul_circuit_breaker_trips_total{provider=\"openai\"} 0.0",
              "consoul_circuit_breaker_rejections_total{provider=\"openai\"} 0.0")
          .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
          .anyMatch(line -> line.startsWith("jvm_threads_live_threads "))
          .anyMatch(line -> line.startsWith("jvm_gc_"))
          .anyMatch(line -> line.startsWith("process_uptime_seconds "))
          .anyMatch(line -> line.startsWith("process_files_open_files "))
          .anyMatch(line -> line.startsWith("system_cpu_count "));
    }
  }

  @Test
  @DisplayName("count the turns in progress, and those that were cut off")
  void turns() throws Exception {
    try (RunningServer server = new RunningServer(conf, Map.of())) {
      Promise<Void> release = Promise.promise();
      server.openAi.answer(Script.text("one ", "two").heldAfter(1, release.future()));
      EventStream stream = server.client.stream("me", "Hello");
      stream.awaitFirstToken();
      awaitLine(server, "consoul_turns_in_progress 1.0");

      release.complete();
      stream.awaitEnd();
      awaitLine(server, "consoul_turns_in_progress 0.0");
      awaitLine(server, "consoul_turns_interrupted_total 0.0");

      server.openAi.answer(Script.text("one ", "two").cutAfter(1));
      server.client.stream("me", "Hello").awaitEnd();
      awaitLine(server, "consoul_turns_interrupted_total 1.0");
      await()
          .untilAsserted(() -> assertThat(lines(server)).contains("consoul_active_sessions 1.0"));
    }
  }

  @Test
  @DisplayName("count open WebSockets and streams, and batches with what came of their messages")
  void connectionsAndBatches() throws Exception {
    try (RunningServer server = new RunningServer(conf, Map.of())) {
      Promise<Void> release = Promise.promise();
      server.openAi.answer(Script.text("one ", "two").heldAfter(1, release.future()));
      try (SocketClient socket = server.client.connect("me")) {
        socket.say("Hello").await("token");
        EventStream stream = server.client.stream("you", "Hello");
        stream.awaitFirstToken();
        awaitLine(server, "consoul_websocket_connections 1.0");
        awaitLine(server, "consoul_sse_connections 1.0");
        release.complete();
        stream.awaitEnd();
        awaitLine(server, "consoul_sse_connections 0.0");
      }
      awaitLine(server, "consoul_websocket_connections 0.0");

      server.openAi.answer(
          Script.text("good"), Script.refusal(Refusal.FILTER), Script.text("good"));
      assertThat(server.client.post("/chat/batch", batch(true, 3)).status()).isEqualTo(200);
      assertThat(server.client.post("/chat/batch", batch(false, 2)).status()).isEqualTo(200);
      assertThat(lines(server))
          .contains(
              "consoul_batch_request_total{processing_mode=\"sequential\",status=\"partial_failure\"} 1.0",
              "consoul_batch_request_total{processing_mode=\"parallel\",status=\"success\"} 1.0",
              "consoul_batch_message_total{processing_mode=\"sequential\",status=\"success\"} 2.0",
              "consoul_batch_message_total{processing_mode=\"sequential\",status=\"failed\"} 1.0",
              "consoul_batch_message_total{processing_mode=\"parallel\",status=\"success\"} 2.0",
              "consoul_batch_size_bucket{le=\"1.0\"} 0",
              "consoul_batch_size_bucket{le=\"2.0\"} 1",
              "consoul_batch_size_bucket{le=\"10.0\"} 2",
              "consoul_batch_size_sum 5.0",
              "consoul_batch_latency_seconds_count{processing_mode=\"parallel\"} 1");
    }
  }

  private static JsonObject batch(boolean sequential, int messages) {
    JsonArray list = new JsonArray();
    for (int i = 0; i < messages; i++) {
      list.add(new JsonObject().put("role", "user").put("content", "message " + i));
    }
    return new JsonObject()
        .put("session_id", "batch")
        .put("messages", list)
        .put("sequential", sequential);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"GET /", "GET /metrics/more", "POST /metrics", "HEAD /metrics"})
  @DisplayName("have one path, to be read")
  void otherRequests(String request) throws Exception {
    try (RunningServer server = new RunningServer(conf, Map.of())) {
      String[] words = request.split(" ");
      String base = server.metrics().replace("/metrics", "");
      HttpResponse<String> response = send(base + words[1], words[0]);
      int status = words[0].equals("POST") ? 405 : words[0].equals("HEAD") ? 200 : 404;
      assertThat(response.statusCode()).isEqualTo(status);
      assertThat(response.body()).isEmpty();
    }
  }

  @Test
  @DisplayName("can be turned off")
  void off() throws Exception {
    try (RunningServer server =
        new RunningServer(conf, Map.of("CONSOUL_METRICS_ENABLED", "false"))) {
      assertThat(server.metrics()).isNull();
      assertThat(server.client.chat("me", "Hello").status()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("are missed, and the server serves, where the usual port is taken")
  void usualPortTaken() throws Exception {
    try (AutoCloseable other = take(MetricsConfig.DEFAULT_PORT);
        RunningServer server = new RunningServer(
            conf, Map.of("CONSOUL_METRICS_PORT", "" + MetricsConfig.DEFAULT_PORT))) {
      assertThat(other).isNotNull();
      assertThat(server.metrics()).isNull();
      assertThat(server.client.chat("me", "Hello").status()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName(
      "keep the server from starting where a port that was chosen is taken, and it says so")
  void chosenPortTaken() throws Exception {
    int port = Ports.free();
    try (AutoCloseable other = take(port)) {
      assertThat(other).isNotNull();
      assertThatThrownBy(() -> new RunningServer(conf, Map.of("CONSOUL_METRICS_PORT", "" + port)))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("127.0.0.1 port " + port)
          .hasMessageContaining("CONSOUL_METRICS_PORT");
    }
  }

  @Test
  @DisplayName("do not take turns with the gateway on its port")
  void gatewaysPort() {
    String port = "" + Ports.free();
    Map<String, String> both = Map.of("CONSOUL_PORT", port, "CONSOUL_METRICS_PORT", port);
    assertThatThrownBy(() -> new RunningServer(conf, both))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("the gateway listens on it");
  }

  private HttpResponse<String> send(String url, String method) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .timeout(Duration.ofSeconds(10))
        .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private void awaitLine(RunningServer server, String line) {
    await().untilAsserted(() -> assertThat(lines(server)).contains(line));
  }

  private List<String> lines(RunningServer server) throws Exception {
    return send(server.metrics(), "GET").body().lines().toList();
  }

  /** Listens on the port, unless somebody else on this machine does already. */
  private static AutoCloseable take(int port) throws IOException {
    try {
      return new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
    } catch (BindException taken) {
      return () -> {};
    }
  }
}
