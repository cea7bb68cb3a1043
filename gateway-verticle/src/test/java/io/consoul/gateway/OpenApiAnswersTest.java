package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.Completed;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Drives every operation through its successes and failures; at the end everything that is promised must have been seen. */
@DisplayName("Every answer is as openapi.json says:")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OpenApiAnswersTest {

  /** What cannot be seen here, by a regular expression, and why. */
  private static final Map<String, String> UNSEEN = Map.of(
      "GET /(health|ready|openapi.json|ws/.*) 500", "only a defect of ours would make it",
      "POST /chat/batch 500", "only a defect of ours would make it",
      "(POST /chat/batch|GET /ws/.*) (401|429)", "the keys' and the limits' own tests do");

  private static RunningGateway gateway;
  private static OpenApi api;

  private static Map<String, Supplier<HttpRequest.Builder>> requests;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start(
        new JsonObject().put("limitConcurrency", 2).put("maxBodyBytes", 2_048));
    api = new OpenApi(gateway.vertx);
    requests = new TreeMap<>();
    requests.put("POST /v1/chat/completions", () -> completion(""));
    requests.put("GET /v1/models", () -> gateway.request("/v1/models"));
    requests.put("GET /v1/models/{model}", () -> gateway.request("/v1/models/m1"));
    requests.putAll(Map.of(
        "POST /chat", () -> gateway.chat("/chat", RunningGateway.body("hi")),
        "POST /chat/stream", () -> gateway.chat("/chat/stream", RunningGateway.body("hi")),
        "GET /chat/stream/{turn_id}",
            () -> gateway.request("/chat/stream/" + ObligingSession.TURN.value()),
        "POST /chat/{session_id}/cancel", () -> gateway.chat("/chat/s1/cancel", new JsonObject()),
        "POST /sessions", () -> gateway.chat("/sessions", new JsonObject()),
        "GET /sessions", () -> gateway.request("/sessions"),
        "GET /sessions/{session_id}", () -> gateway.request("/sessions/s1"),
        "DELETE /sessions/{session_id}", () -> gateway.request("/sessions/s1").DELETE(),
        "GET /sessions/{session_id}/messages", () -> gateway.request("/sessions/s1/messages")));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void answerAll() {
    ObligingSession.oblige(gateway.session);
  }

  private static HttpResponse<String> judged(HttpRequest.Builder request) {
    HttpResponse<String> response = gateway.send(request);
    String path = response.request().uri().getRawPath();
    Map<String, String> headers = response.headers().map().entrySet().stream()
        .collect(Collectors.toMap(
            header -> header.getKey().toLowerCase(), header -> header.getValue().get(0)));
    assertThat(api.judge(
            response.request().method(), path, response.statusCode(), headers, response.body()))
        .as("%s %s", response.request().method(), response.request().uri())
        .isEmpty();
    if (headers.getOrDefault("content-type", "").equals("text/event-stream")) {
      assertEvents(response.body());
    }
    return response;
  }

  private static HttpRequest.Builder post(String path, String type, String body) {
    return gateway.request(path).header("Content-Type", type).POST(BodyPublishers.ofString(body));
  }

  private static void assertEvents(String stream) {
    for (String event : stream.split("\n\n")) {
      if (event.startsWith("data: ")) {
        assertChunk(event.substring("data: ".length()));
        continue;
      }
      Map<String, String> lines = event
          .lines()
          .collect(Collectors.toMap(
              line -> line.substring(0, line.indexOf(": ")),
              line -> line.substring(line.indexOf(": ") + 2)));
      String schema = Map.of("token", "TokenEvent", "done", "DoneEvent", "error", "ErrorEvent")
          .get(lines.get("event"));
      assertThat(api.schemas().strictComplaint(schema, new JsonObject(lines.get("data"))))
          .as(event)
          .isEmpty();
    }
  }

  private static void assertChunk(String data) {
    if (!data.equals("[DONE]")) {
      String schema = data.startsWith("{\"error\"") ? "OpenAiError" : "ChatCompletionChunk";
      assertThat(api.schemas().strictComplaint(schema, new JsonObject(data)))
          .as(data)
          .isEmpty();
    }
  }

  private static HttpRequest.Builder completion(String more) {
    return post(
        "/v1/chat/completions",
        "application/json",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + more + "}");
  }

  @Test
  @Order(1)
  @DisplayName("completions in all their forms")
  void completions() {
    for (String more : List.of(
        ",\"n\":2",
        ",\"stream\":true",
        ",\"stream\":true,\"n\":2,\"stream_options\":{\"include_usage\":true}",
        ",\"session_id\":\"s1\"",
        ",\"session_id\":\"s1\",\"stream\":true")) {
      assertThat(judged(completion(more)).statusCode()).as(more).isEqualTo(200);
    }
    judged(post("/v1/chat/completions", "text/plain", "{}"));
    judged(completion(",\"x\":\"" + "x".repeat(3_000) + "\""));
    judged(completion(",\"n\":9"));
    judged(gateway.request("/v1/models/nobody"));
    judged(gateway.request("/v1/models/%ff"));
    judged(gateway.request("/v1/nothing"));
    ObligingSession.refuse(gateway.session, Fault.LLM_CANCELLED);
    judged(completion(",\"session_id\":\"s1\",\"stream\":true"));
    judged(completion(",\"session_id\":\"s1\""));
  }

  @Test
  @Order(1)
  @DisplayName("what succeeds")
  void successes() {
    requests.values().forEach(request -> judged(request.get()));
    judged(gateway.request("/health"));
    judged(gateway.request("/health").method("HEAD", BodyPublishers.noBody()));
    judged(gateway.request("/health").method("OPTIONS", BodyPublishers.noBody()));
    judged(gateway.request("/ready"));
    judged(gateway.request("/openapi.json"));
    judged(gateway.request("/openapi.json").header("If-None-Match", "*"));
    judged(gateway.request("/sessions").POST(BodyPublishers.noBody()));
    for (boolean sequential : List.of(true, false)) {
      judged(post(
          "/chat/batch",
          "application/json",
          "{\"session_id\":\"s1\",\"messages\":[{\"content\":\"a\"},{\"content\":\"b\"}],\"sequential\":"
              + sequential + "}"));
    }
    gateway.session.on(
        CancelTurn.class, cancel -> Future.succeededFuture(new Cancelled((TurnId) null)));
    judged(requests.get("POST /chat/{session_id}/cancel").get());
  }

  @Test
  @Order(1)
  @DisplayName("a turn that fails late, is cancelled, or was rescued without its history")
  void lateFailures() {
    for (Fault fault : List.of(Fault.LLM_TIMEOUT, Fault.LLM_CANCELLED)) {
      gateway.session.answering(begin -> List.of(
          delta(begin, 0, "Hel"),
          new TurnFailed(begin.turn(), 1, 3, new Failed(fault, "no.", 5, null))));
      judged(requests.get("POST /chat").get());
      judged(requests.get("POST /chat/stream").get());
      judged(post(
          "/chat/batch",
          "application/json",
          "{\"session_id\":\"s1\",\"messages\":[{\"content\":\"a\"}]}"));
    }
    gateway.session.answering(begin -> List.of(rescued(begin)));
    judged(requests.get("POST /chat").get());
    judged(requests.get("POST /chat/stream").get());
  }

  private static Completed rescued(BeginTurn begin) {
    return new Completed(
        begin.turn(),
        1,
        0,
        FinishReason.STOP,
        new Usage(3, 2, 1, 1, 0.5, true),
        "m1",
        "p1",
        RunningGateway.SEALED,
        1);
  }

  @Test
  @Order(1)
  @DisplayName("each failure that an operation names")
  void failures() {
    requests.forEach((operation, request) -> {
      String described = api.operation(operation).getJsonObject("responses").fieldNames().stream()
          .map(status -> api.response(operation, Integer.parseInt(status)).getString("description"))
          .collect(Collectors.joining());
      Arrays.stream(Fault.values())
          .filter(fault -> described.contains("`" + fault.code() + "`"))
          .filter(fault -> !isSearchedOn(operation, fault))
          .forEach(fault -> {
            ObligingSession.refuse(gateway.session, fault);
            assertThat(judged(request.get()).statusCode())
                .as("%s %s", operation, fault)
                .isEqualTo(ErrorShape.of(operation.split(" ")[1]).status(fault.because()));
          });
    });
  }

  /** For many seconds a turn that is not found just now is looked for again. */
  private static boolean isSearchedOn(String operation, Fault fault) {
    return operation.endsWith("{turn_id}")
        && (fault == Fault.SESSION_STORAGE_UNAVAILABLE || fault == Fault.LLM_UNAVAILABLE);
  }

  @Test
  @Order(1)
  @DisplayName("what is refused before its turn")
  void refusals() {
    requests.values().forEach(request -> judged(request.get().header("Via", "1.1 proxy")));
    for (String path :
        List.of("/chat", "/chat/stream", "/chat/batch", "/sessions", "/chat/s/cancel")) {
      judged(post(path, "text/plain", "{}"));
      judged(post(path, "application/json", "{\"x\":\"" + "x".repeat(3_000) + "\"}"));
      judged(post(path, "application/json", "{"));
      judged(post(path, "application/json", "{\"session_id\":7,\"turn_id\":7,\"message\":7}"));
      judged(post(path, "application/json", "{\"session_id\":\"\"}"));
      judged(post(path, "application/json", "{\"session_id\":\"s\",\"messages\":[]}"));
      judged(gateway.request(path).header("Via", "1.1 proxy").POST(BodyPublishers.noBody()));
      judged(gateway.request(path).method("PATCH", BodyPublishers.noBody()));
    }
    judged(gateway.request("/nowhere"));
    judged(gateway.request("/sessions?limit=0"));
    judged(gateway.request("/sessions/s/messages?limit=x"));
    judged(gateway.request("/sessions/%00"));
    judged(gateway.request("/sessions/%00").DELETE());
    judged(gateway.request("/sessions/%00/messages"));
    judged(post("/chat/%FF/cancel", "application/json", "{}"));
    judged(gateway.request("/chat/stream/x"));
    judged(gateway.request("/ws/chat/s"));
    judged(gateway.request("/ws/chat/s").header("Via", "1.1 proxy"));
  }

  @Test
  @Order(1)
  @DisplayName("a server that is busy")
  void busy() {
    gateway.session.accepting();
    gateway.session.on( // they stay in progress, however long this takes
        AttachTurn.class,
        attach -> Future.succeededFuture(new Accepted(attach.turn(), 1, gateway.session.inbox())));
    int before = gateway.session.received().all(BeginTurn.class).size();
    List.of(1, 2).forEach(i -> gateway.sending(requests.get("POST /chat").get()));
    await()
        .untilAsserted(
            () -> assertThat(gateway.session.received().all(BeginTurn.class)).hasSize(before + 2));
    requests.values().forEach(request -> judged(request.get()));
    judged(post("/chat/batch", "application/json", "{}"));
    judged(gateway.request("/ws/chat/s"));
    gateway.session.received().all(BeginTurn.class).stream()
        .skip(before)
        .forEach(begin -> gateway.session.tell(begin, completed(begin, 0)));
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
  }

  @Test
  @Order(1)
  @DisplayName("a node that has nobody to hand work to")
  void notReady() {
    try (RunningGateway alone = RunningGateway.startAlone()) {
      HttpResponse<String> ready = alone.get("/ready");
      assertThat(api.judge(
              "GET",
              "/ready",
              ready.statusCode(),
              Map.of("content-type", "application/json"),
              ready.body()))
          .isEmpty();
    }
  }

  @Test
  @Order(1)
  @DisplayName("a WebSocket's handshake and messages")
  void webSocket() {
    try (RawClient client = gateway.raw()) {
      client.send("GET /ws/chat/%00 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Version: 13\r\n\r\n");
      String[] answer = client.answer().split("\r\n\r\n");
      assertThat(api.judge(
              "GET", "/ws/chat/%00", 400, Map.of("content-type", "application/json"), answer[1]))
          .isEmpty();
    }
    gateway.raw().upgrade("/ws/chat/s1").close();
    assertThat(api.judge("GET", "/ws/chat/s1", 101, Map.of(), "")).isEmpty();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      socket.send("{\"type\":\"ping\"}");
      socket.send("{\"type\":\"tool_approval\"}");
      socket.send("{}");
      Set<String> types = new TreeSet<>();
      for (int i = 0; i < 5; i++) {
        JsonObject message = socket.next();
        types.add(message.getString("type"));
        assertThat(api.schemas().strictComplaint("SocketServerMessage", message))
            .as(message.encode())
            .isEmpty();
      }
      assertThat(types).containsExactly("done", "error", "pong", "token");
    }
  }

  @Test
  @Order(2)
  @DisplayName("nothing is promised that is never answered")
  void allSeen() {
    Set<String> missing = new TreeSet<>(api.promised());
    missing.removeAll(api.seen());
    missing.removeIf(each -> UNSEEN.keySet().stream().anyMatch(each::matches));
    assertThat(missing).isEmpty();
  }
}
