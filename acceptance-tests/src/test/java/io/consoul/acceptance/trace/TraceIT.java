package io.consoul.acceptance.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.ClusterFile;
import io.consoul.acceptance.NodeProcess;
import io.consoul.acceptance.trace.Collector.Span;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Script;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The trace of a turn whose gateway and provider are two nodes")
class TraceIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final String TRACEPARENT = "00-" + TRACE + "-" + CALLER + "-01";

  @TempDir
  private static Path home;

  private static Vertx vertx;
  private static Collector collector;
  private static FakeProvider openAi;
  private static NodeProcess gateway;
  private static NodeProcess others;
  private static ChatClient client;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    collector = new Collector(vertx);
    openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    ClusterFile.forNodes(home, 2);
    gateway = node("gateway").start();
    others = node("session,provider,gc").start();
    gateway.awaitUp();
    others.awaitUp();
    client = new ChatClient(vertx, gateway.port()).withLimit(LIMIT);
    await().atMost(LIMIT).until(() -> client.get("/ready").status() == 200);
  }

  @AfterAll
  static void end() {
    client.close();
    gateway.close();
    others.close();
    openAi.close().await();
    collector.close();
    vertx.close().await();
  }

  private static NodeProcess node(String verticles) {
    return NodeProcess.inCluster(
        home.resolve(verticles),
        home,
        "CONSOUL_VERTICLES",
        verticles,
        "OPENAI_API_KEY",
        "sk-of-the-test",
        "OPENAI_BASE_URL",
        openAi.baseUrl(),
        "CONSOUL_MODEL_NAME",
        "fake",
        "CONSOUL_OBSERVABILITY_OTEL_ENABLED",
        "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        collector.url(),
        "OTEL_EXPORTER_OTLP_HEADERS",
        "collector-key=of%20the%20collector",
        "OTEL_SERVICE_NAME",
        "chat");
  }

  @Test
  @DisplayName(
      "goes on with the caller's, from the request over the session to each call of a model, and holds nothing that was said")
  void request() {
    openAi.answer(
        Script.error(500, "server_error", "oops", "no answer this time"),
        Script.text("marker-in-answer").usage(12, 3));
    JsonObject body = new JsonObject()
        .put("session_id", "s")
        .put("message", "marker-in-message")
        .put("temperature", 0.5);

    HttpAnswer answer = client.post(
        "/chat",
        body.encode(),
        Map.of(
            "Content-Type", "application/json", "traceparent", TRACEPARENT, "X-Request-ID", "r-1"));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    List<Span> trace = trace(TRACE, 5);
    Span server = one(trace, span -> span.kind() == Collector.SERVER);
    assertThat(server.name()).isEqualTo("POST /chat");
    assertThat(server.parent()).isEqualTo(CALLER);
    assertThat(server.service()).isEqualTo("chat");
    assertThat(server.attributes())
        .containsEntry("http.route", "/chat")
        .containsEntry("http.request.method", "POST")
        .containsEntry("http.response.status_code", "200")
        .containsEntry("consoul.request.id", "r-1");
    // One that was asked again, because its answer came late, finds the turn and takes no lease.
    Span begin = one(
        trace, span -> span.name().equals("begin turn") && span.events().contains("lease taken"));
    assertThat(begin.parent()).isEqualTo(server.id());
    assertThat(begin.node()).isNotEqualTo(server.node());
    Span turn = one(trace, span -> span.name().equals("answer turn"));
    assertThat(turn.parent()).isEqualTo(begin.id());
    List<Span> calls =
        trace.stream().filter(span -> span.kind() == Collector.CLIENT).toList();
    assertThat(calls).hasSize(2).allSatisfy(call -> {
      assertThat(call.name()).isEqualTo("chat fake");
      assertThat(call.parent()).isEqualTo(turn.id());
      assertThat(call.attributes())
          .containsEntry("gen_ai.operation.name", "chat")
          .containsEntry("gen_ai.provider.name", "openai")
          .containsEntry("gen_ai.request.model", "fake")
          .containsEntry("server.address", "127.0.0.1")
          .containsEntry("server.port", Integer.toString(openAi.port()));
    });
    Span failed = one(calls, call -> call.attributes().containsKey("error.type"));
    assertThat(failed.attributes())
        .containsEntry("error.type", "unavailable")
        .containsEntry("consoul.call.reason", "first");
    Span answered = one(calls, call -> call != failed);
    assertThat(answered.attributes())
        .containsEntry("consoul.call.reason", "retry")
        .containsEntry("gen_ai.response.model", "fake")
        .containsEntry("gen_ai.usage.input_tokens", "12")
        .containsEntry("gen_ai.usage.output_tokens", "3")
        .containsEntry("gen_ai.response.finish_reasons", "[stop]");
    assertThat(answered.events()).contains("first token");
    assertThat(openAi.requests())
        .allSatisfy(request -> assertThat(request.header("traceparent")).isNull());
    assertThat(collector.raw()).doesNotContain("marker-in", "sk-of-the-test");
    assertThat(collector.keys()).contains("of the collector").doesNotContain("null");
  }

  @Test
  @DisplayName("is its own for each message of a WebSocket, and linked to that of the upgrade")
  void socket() {
    openAi.answer("Hello");

    try (SocketClient socket =
        client.connect("/ws/chat/w", Map.of("traceparent", TRACEPARENT), List.of())) {
      socket.say("One").await("done");
      socket.say("Two").await("done");
    }

    await().atMost(LIMIT).until(() -> messages().size() == 2);
    List<Span> messages = messages().stream()
        .sorted(Comparator.comparing(span -> span.attributes().get("consoul.request.id")))
        .toList();
    assertThat(messages).extracting(Span::trace).doesNotHaveDuplicates().doesNotContain(TRACE);
    assertThat(messages).allSatisfy(message -> {
      assertThat(message.links()).containsExactly(TRACE);
      Span call = one(trace(message.trace(), 4), span -> span.kind() == Collector.CLIENT);
      assertThat(call.node()).isNotEqualTo(message.node());
    });
    String first = messages.get(0).attributes().get("consoul.request.id");
    assertThat(first).endsWith("-1");
    assertThat(messages.get(1).attributes().get("consoul.request.id"))
        .isEqualTo(first.substring(0, first.length() - 1) + "2");
  }

  private static List<Span> messages() {
    return collector.spans().stream()
        .filter(span -> span.name().equals("WS /ws/chat/{session_id}"))
        .toList();
  }

  private static List<Span> trace(String id, int spans) {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(spansOf(id)).hasSizeGreaterThanOrEqualTo(spans));
    return spansOf(id);
  }

  /** Without the upgrade's, which a caller may put into the same trace. */
  private static List<Span> spansOf(String trace) {
    return collector.spans().stream()
        .filter(span -> span.trace().equals(trace) && !span.name().startsWith("GET "))
        .toList();
  }

  private static Span one(List<Span> spans, Predicate<Span> fitting) {
    List<Span> found = spans.stream().filter(fitting).toList();
    assertThat(found).as(spans.toString()).hasSize(1);
    return found.get(0);
  }
}
