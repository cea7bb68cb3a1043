package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.Detach;
import io.consoul.message.Failed;
import io.consoul.message.TurnFailed;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The HTTP API")
class HttpApiTest {

  private static RunningGateway gateway;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start();
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void answerHello() {
    gateway.session.answering(
        begin -> List.of(delta(begin, 0, "Hel"), delta(begin, 3, "lo"), completed(begin, 5)));
  }

  private static JsonObject error(HttpResponse<String> response, int status, String code) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonObject error = new JsonObject(response.body());
    assertThat(error.fieldNames())
        .containsExactlyInAnyOrder(
            "code", "error", "message", "recoverable", "retry_after", "details", "timestamp");
    assertThat(error.getString("code")).isEqualTo(code);
    assertThat(error.getString("error")).isEqualTo(Fault.ofCode(code).error());
    assertThat(error.getBoolean("recoverable")).isEqualTo(Fault.ofCode(code).recoverable());
    assertThat(error.getString("message")).isNotBlank();
    assertThat(Instant.parse(error.getString("timestamp"))).isNotNull();
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    return error;
  }

  @Test
  @DisplayName("GET /health tells name, version and open connections")
  void health() {
    HttpResponse<String> response = gateway.get("/health");
    assertThat(response.statusCode()).isEqualTo(200);
    JsonObject health = new JsonObject(response.body());
    assertThat(health.fieldNames())
        .containsExactlyInAnyOrder("status", "service", "version", "timestamp", "connections");
    assertThat(health.getString("status")).isEqualTo("ok");
    assertThat(health.getString("service")).isEqualTo("Consoul API");
    assertThat(health.getString("version")).isEqualTo("1.2.3");
    assertThat(health.getInteger("connections")).isZero();
    assertThat(Instant.parse(health.getString("timestamp"))).isNotNull();
  }

  @Test
  @DisplayName("GET /ready is 200 when sessions and providers are there")
  void ready() {
    HttpResponse<String> response = gateway.get("/ready");
    assertThat(response.statusCode()).isEqualTo(200);
    JsonObject ready = new JsonObject(response.body());
    assertThat(ready.getString("status")).isEqualTo("ready");
    assertThat(ready.getJsonObject("checks"))
        .isEqualTo(new JsonObject()
            .put("session_store", "memory")
            .put("session", true)
            .put("provider", true)
            .put("cluster", 1));
    assertThat(ready.fieldNames()).containsExactlyInAnyOrder("status", "checks", "timestamp");
  }

  @Test
  @DisplayName("POST /chat gives the whole answer once it is stored")
  void chat() {
    HttpResponse<String> response = gateway.postChat("hi");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonObject body = new JsonObject(response.body());
    String turn = (String) body.remove("turn_id");
    assertThat(turn).doesNotContain(":").isNotBlank();
    assertThat(body)
        .isEqualTo(new JsonObject()
            .put("session_id", "s1")
            .put("response", "Hello")
            .put("model", "m1")
            .put(
                "usage",
                new JsonObject()
                    .put("input_tokens", 3)
                    .put("output_tokens", 2)
                    .put("total_tokens", 5)
                    .put("estimated_cost", 0.5))
            .put("timestamp", "2026-01-02T03:04:05.123Z")
            .put("provider", "p1")
            .put("finish_reason", "stop"));
  }

  @Test
  @DisplayName("POST /chat hands the session what the caller said")
  void begin() {
    gateway.send(gateway.chat("/chat", body("tell me: Ünïcode 😀").put("model", "m7")));
    BeginTurn begin = gateway
        .session
        .received()
        .await(BeginTurn.class, turn -> turn.text().startsWith("tell me"));
    assertThat(begin.text()).isEqualTo("tell me: Ünïcode 😀");
    assertThat(begin.model()).isEqualTo("m7");
    assertThat(begin.turn().session().value()).isEqualTo("s1");
    assertThat(begin.tenant().name()).isEqualTo("default");
  }

  @Test
  @DisplayName("POST /chat/stream sends the pieces with their offsets, then done")
  void stream() {
    gateway.session.accepting();
    var answer = gateway.sending(gateway.chat("/chat/stream", body("stream it")));
    BeginTurn begin =
        gateway.session.received().await(BeginTurn.class, turn -> turn.text().equals("stream it"));
    gateway.session.tell(begin, delta(begin, 0, "Hel"));
    gateway.session.tell(begin, delta(begin, 3, "lo \"you\"\n"));
    gateway.session.tell(begin, completed(begin, 12));
    HttpResponse<String> response =
        answer.orTimeout(10, java.util.concurrent.TimeUnit.SECONDS).join();

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
    assertThat(response.headers().firstValue("Cache-Control"))
        .hasValue("no-cache, no-store, must-revalidate");
    assertThat(response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
    List<String> events = List.of(response.body().split("\n\n"));
    String turn = begin.turn().value();
    assertThat(events.get(0))
        .isEqualTo("id: " + turn + ":3\nevent: token\ndata: {\"text\":\"Hel\",\"offset\":0}");
    assertThat(events.get(1))
        .isEqualTo("id: " + turn
            + ":12\nevent: token\ndata: {\"text\":\"lo \\\"you\\\"\\n\",\"offset\":3}");
    assertThat(events.get(2)).startsWith("event: done\ndata: ");
    JsonObject done = new JsonObject(events.get(2).substring("event: done\ndata: ".length()));
    assertThat(done.getString("session_id")).isEqualTo("s1");
    assertThat(done.getString("timestamp")).isEqualTo("2026-01-02T03:04:05.123Z");
    assertThat(done.getString("finish_reason")).isEqualTo("stop");
    assertThat(done.getJsonObject("usage").getInteger("total_tokens")).isEqualTo(5);
    assertThat(done.getJsonObject("usage").getInteger("duration_ms")).isNotNegative();
    assertThat(events).hasSize(3);
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("A turn that is refused has the status and the body of its fault, streamed or not")
  @EnumSource(Fault.class)
  void refused(Fault fault) {
    gateway.session.onBegin(begin -> io.vertx.core.Future.failedFuture(fault.retryAfter(7, "no.")));
    if (fault == Fault.LLM_CANCELLED) {
      JsonObject cancelled = new JsonObject(gateway.postChat("hi").body());
      assertThat(cancelled.getString("finish_reason")).isEqualTo("cancelled");
      assertThat(cancelled.getString("response")).isEmpty();
      assertThat(gateway.postStream("hi").body()).contains("event: error", "\"code\":\"E205\"");
      return;
    }
    for (HttpResponse<String> response :
        List.of(gateway.postChat("hi"), gateway.postStream("hi"))) {
      JsonObject error = error(response, fault.status(), fault.code());
      assertThat(error.getString("message")).isEqualTo("no.");
      assertThat(error.getInteger("retry_after")).isEqualTo(7);
      assertThat(response.headers().firstValue("Retry-After").isPresent())
          .isEqualTo(Set.of(429, 503).contains(fault.status()));
    }
  }

  @Test
  @DisplayName(
      "A turn that fails after its first text is an error event on a stream, and an HTTP error on /chat")
  void failedLater() {
    gateway.session.answering(begin -> List.of(
        delta(begin, 0, "Hel"),
        new TurnFailed(begin.turn(), 1, 3, new Failed(Fault.LLM_TIMEOUT, "too slow", 5, null))));
    error(gateway.postChat("hi"), 504, "E201");
    HttpResponse<String> stream = gateway.postStream("hi");
    assertThat(stream.statusCode()).isEqualTo(200);
    assertThat(stream.body())
        .contains("\"text\":\"Hel\"")
        .contains("event: error\ndata: {\"code\":\"E201\",\"error\":\"llm_timeout\","
            + "\"message\":\"too slow\",\"recoverable\":true,\"retry_after\":5")
        .doesNotContain("event: done");
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @DisplayName("Unknown paths are 404, wrong methods 405")
  @CsvSource({
    "GET, /, 404, E007",
    "GET, /chat/stream/abc, 422, E003",
    "GET, /chat/stream/, 404, E007",
    "GET, /sessions/a/b, 404, E007",
    "PUT, /sessions, 405, E008",
    "GET, /chat/batch, 405, E008",
    "GET, /chat/s/cancel, 405, E008",
    "POST, /sessions/s, 405, E008",
    "POST, /chat/, 404, E007",
    "GET, /ws/chat/a/b, 404, E007",
    "GET, /chat, 405, E008",
    "DELETE, /chat/stream, 405, E008",
    "POST, /health, 405, E008",
    "PUT, /ready, 405, E008",
    "POST, /ws/chat/s, 405, E008",
    "GET, /ws/chat/s, 426, E001",
  })
  void paths(String method, String path, int status, String code) {
    HttpResponse<String> response =
        gateway.send(gateway.request(path).method(method, BodyPublishers.noBody()));
    error(response, status, code);
    assertThat(response.headers().firstValue("Allow").isPresent()).isEqualTo(status == 405);
  }

  @Test
  @DisplayName("405 and OPTIONS name the methods of the path, HEAD is GET without a body")
  void methods() {
    assertThat(gateway.get("/chat").headers().firstValue("Allow")).hasValue("POST, OPTIONS");
    HttpResponse<String> options =
        gateway.send(gateway.request("/health").method("OPTIONS", BodyPublishers.noBody()));
    assertThat(options.statusCode()).isEqualTo(204);
    assertThat(options.headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
    HttpResponse<String> head =
        gateway.send(gateway.request("/health").method("HEAD", BodyPublishers.noBody()));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("Another content type than JSON is 415")
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "application/jsonp",
        "multipart/form-data; boundary=x"
      })
  void contentTypes(String type) {
    error(
        gateway.send(gateway
            .request("/chat")
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body("hi").encode()))),
        415,
        "E009");
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("JSON may be called by its other names")
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
        "application/vnd.x+json"
      })
  void jsonTypes(String type) {
    assertThat(gateway
            .send(gateway
                .request("/chat")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body("hi").encode())))
            .statusCode())
        .isEqualTo(200);
  }

  @Test
  @DisplayName("A wrong field is named in details")
  void details() {
    JsonObject error =
        error(gateway.send(gateway.chat("/chat", body("hi").put("session_id", 5))), 422, "E003");
    assertThat(error.getJsonObject("details"))
        .isEqualTo(new JsonObject().put("field", "session_id").put("reason", "must be a string"));
    error(gateway.send(gateway.chat("/chat", new JsonObject())), 422, "E002");
    error(gateway.send(gateway.chat("/chat", body("x".repeat(32_769)))), 400, "E005");
    error(gateway.send(gateway.chat("/chat/stream", body(""))), 422, "E003");
    error(gateway.send(gateway.chat("/chat", body("hi").put("session_id", ""))), 400, "E004");
  }

  @Test
  @DisplayName("Several wrong fields are told of all at once")
  void severalDetails() {
    JsonObject body = body("").put("session_id", "").put("model", 7);
    JsonObject error = error(gateway.send(gateway.chat("/chat", body)), 400, "E004");
    assertThat(error.getJsonArray("details"))
        .extracting(details -> ((JsonObject) details).getString("field"))
        .containsExactly("session_id", "message", "model");
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("A header that means something may be given once")
  @ValueSource(strings = {"Idempotency-Key", "Last-Event-ID"})
  void headersTwice(String name) {
    var request = gateway.chat("/chat/stream", body("hi")).header(name, "a").header(name, "b");
    JsonObject error = error(gateway.send(request), 422, "E003");
    assertThat(error.getJsonObject("details").getString("field")).isEqualTo(name);
  }

  @Test
  @DisplayName("X-Request-ID comes back when it is well-formed, and is made otherwise")
  void requestIds() {
    var request = gateway.request("/health").header("X-Request-ID", "abc 123");
    assertThat(gateway.send(request).headers().firstValue("X-Request-ID")).hasValue("abc 123");
    for (String bad : List.of("", "x".repeat(129), "a\tb")) {
      var other = gateway.request("/health").header("X-Request-ID", bad);
      assertThat(gateway.send(other).headers().firstValue("X-Request-ID"))
          .hasValueSatisfying(made -> assertThat(made).matches("[0-9a-f]{32}"));
    }
  }

  @Test
  @DisplayName(
      "Answers carry what keeps browsers from guessing and caches from keeping, and no server name")
  void headers() {
    var headers = gateway.get("/health").headers();
    assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(headers.firstValue("Cache-Control")).hasValue("no-store");
    assertThat(headers.firstValue("Server")).isEmpty();
  }

  @Test
  @DisplayName(
      "A caller that came through a proxy or a web page is told what to do, but may ask for health")
  void protectedMode() {
    var forwarded = gateway.chat("/chat", body("hi")).header("X-Forwarded-For", "10.0.0.1");
    assertThat(error(gateway.send(forwarded), 403, "E013").getString("message"))
        .contains("CONSOUL_ALLOW_ANONYMOUS=true");
    var page = gateway.chat("/chat/stream", body("hi")).header("Origin", "https://example.org");
    error(gateway.send(page), 403, "E013");
    for (String open : List.of("/health", "/ready")) {
      assertThat(gateway.send(gateway.request(open).header("Via", "1.1 proxy")).statusCode())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("A client that goes away detaches from its turn and nothing else")
  @ValueSource(strings = {"/chat", "/chat/stream"})
  void clientGone(String path) {
    gateway.session.accepting();
    String text = "gone from " + path;
    String body = body(text).encode();
    BeginTurn begin;
    try (RawClient client = gateway.raw()) {
      client.send(
          "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      begin =
          gateway.session.received().await(BeginTurn.class, turn -> turn.text().equals(text));
      gateway.session.tell(begin, delta(begin, 0, "Hel"));
    }
    gateway.session.received().await(Detach.class, detach -> detach.turn().equals(begin.turn()));
    int detached = gateway.session.received().all(Detach.class).size();
    gateway.session.tell(begin, delta(begin, 3, "lo"));
    await()
        .untilAsserted(() ->
            assertThat(gateway.session.received().all(Detach.class)).hasSizeGreaterThan(detached));
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
    await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
  }
}
