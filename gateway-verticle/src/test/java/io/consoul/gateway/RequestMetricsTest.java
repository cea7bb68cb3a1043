package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.fault.Fault;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.ChatMessage;
import io.consoul.message.Detach;
import io.consoul.message.Failed;
import io.consoul.message.ListModels;
import io.consoul.message.MessagePage;
import io.consoul.message.ModelList;
import io.consoul.message.ReadMessages;
import io.consoul.message.SessionId;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.testkit.ScriptedSession;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The metrics of requests")
class RequestMetricsTest {

  private static final String SOCKET = "/ws/chat/{session_id}";
  private static final TurnId TURN = TurnId.mint(new SessionId("s1"), RandomGenerator.getDefault());

  private static final ModelList NAMES = new ModelList(
      List.of(new ModelList.Model("p1/m1", "p1", true), new ModelList.Model("fast", "p1", false)));

  private RunningGateway gateway;

  private void start() {
    start(new JsonObject());
  }

  private void start(JsonObject config) {
    gateway = RunningGateway.start(config);
    ObligingSession.oblige(gateway.session);
    gateway.session.on(ListModels.class, list -> Future.succeededFuture(NAMES));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  /** A request is counted when its answer has left, which its client may see before. */
  private static ConditionFactory await() {
    return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10));
  }

  private MeterRegistry meters() {
    return gateway.node.meters();
  }

  /** @param finish endpoint, method, status and model */
  private double requests(String... finish) {
    return meters()
        .find("consoul_request")
        .tags("endpoint", finish[0], "method", finish[1], "status", finish[2], "model", finish[3])
        .counters()
        .stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private void awaitRequest(String... finish) {
    await()
        .untilAsserted(() ->
            assertThat(requests(finish)).as("%s of %s", List.of(finish), all()).isEqualTo(1));
  }

  private List<Meter.Id> all() {
    return meters().find("consoul_request").counters().stream()
        .filter(counter -> counter.count() > 0)
        .map(Meter::getId)
        .toList();
  }

  private double errors(String endpoint, String type) {
    return meters()
        .get("consoul_errors")
        .tags("endpoint", endpoint, "error_type", type)
        .counter()
        .count();
  }

  private double errors() {
    return meters().get("consoul_errors").counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private long latencies(String endpoint, String method) {
    return count(meters()
        .find("consoul_request_latency")
        .tags("endpoint", endpoint, "method", method)
        .timers());
  }

  private long streams(String endpoint) {
    return count(
        meters().find("consoul_stream_duration").tags("endpoint", endpoint).timers());
  }

  private static long count(Collection<Timer> timers) {
    return timers.stream().mapToLong(Timer::count).sum();
  }

  private double resumed() {
    return meters().get("consoul_turns_resumed").counter().count();
  }

  @Test
  @DisplayName("name the path's template, never the path")
  void templates() {
    start();
    List.of(
            "GET /sessions/abc?api_key=x 200 /sessions/{session_id} GET",
            "HEAD /sessions/abc/messages 200 /sessions/{session_id}/messages HEAD",
            "DELETE /sessions/a%2Fb 204 /sessions/{session_id} DELETE",
            "GET /v1/models/p1/m1 200 /v1/models/{model} GET",
            "POST /chat/abc/cancel 200 /chat/{session_id}/cancel POST",
            "GET /health 200 /health GET",
            "GET /ws/chat/abc 426 /ws/chat/{session_id} GET",
            "GET /nothing/here 404 unmatched GET",
            "OPTIONS /chat 204 /chat OPTIONS",
            "PUT /chat 405 /chat PUT",
            "BREW /chat 405 /chat other",
            "BREW /coffee 404 unmatched other")
        .forEach(row -> template(row.split(" ")));
    assertThat(all()).hasSize(12);
  }

  /** @param row method, path, and then what is counted: status, endpoint, method */
  private void template(String[] row) {
    double before = errors(row[3], "client_error");
    gateway.send(gateway.request(row[1]).method(row[0], BodyPublishers.noBody()));
    awaitRequest(row[3], row[4], row[2], "unknown");
    assertThat(latencies(row[3], row[4])).isEqualTo(1);
    assertThat(errors(row[3], "client_error") - before)
        .as(row[1])
        .isEqualTo(row[2].startsWith("2") ? 0 : 1);
  }

  @Test
  @DisplayName("have what is refused for its head")
  void heads() {
    start();
    refuseHead("GET /sessions HTTP/1.1", "400", "/sessions");
    refuseHead("GET /sess\u0001ions HTTP/1.1", "400", "unmatched");
    refuseHead("GET /" + "x".repeat(5_000) + " HTTP/1.1", "414", "unmatched");
    refuseHead("GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9_000), "431", "unmatched");
    assertThat(errors("unmatched", "client_error")).isEqualTo(3);
    assertThat(errors("/sessions", "client_error")).isEqualTo(1);
  }

  private void refuseHead(String head, String status, String endpoint) {
    try (RawClient client = gateway.raw()) {
      client.send(head + "\r\n\r\n");
      assertThat(client.answer())
          .matches("(?s)HTTP/1.[01] " + status + " .*")
          .containsIgnoringCase("x-request-id: ");
    }
    awaitRequest(endpoint, "GET", status, "unknown");
  }

  @Test
  @DisplayName(
      "have what is refused early: no key, another origin, a limit used up, too large, not JSON")
  void refusals() {
    start(new JsonObject()
        .put("auth", new JsonObject().put("keys", JsonArray.of("sk-0123456789")))
        .put("cors", new JsonObject().put("origins", JsonArray.of("https://a.example")))
        .put("maxBodyBytes", 1_024)
        .put("rateLimit", new JsonObject().put("defaultLimits", "3/day")));
    gateway.postChat("hi");
    awaitRequest("/chat", "POST", "401", "unknown");
    try (RawClient client = gateway.raw()) {
      client.send("GET /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
          + "Origin: https://b.example\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 403").containsIgnoringCase("x-request-id:");
    }
    awaitRequest(SOCKET, "GET", "403", "unknown");
    gateway.send(keyed("x".repeat(2_000)));
    awaitRequest("/chat", "POST", "413", "unknown");
    gateway.send(gateway
        .request("/chat")
        .header("X-API-Key", "sk-0123456789")
        .POST(BodyPublishers.ofString("hi")));
    awaitRequest("/chat", "POST", "415", "unknown");
    gateway.send(keyed("hi"));
    awaitRequest("/chat", "POST", "200", "m1");
    gateway.send(keyed("hi"));
    awaitRequest("/chat", "POST", "429", "unknown");
    assertThat(errors("/chat", "client_error")).isEqualTo(4);
    assertThat(errors(SOCKET, "client_error")).isEqualTo(1);
    assertThat(latencies("/chat", "POST")).isEqualTo(5);
  }

  private java.net.http.HttpRequest.Builder keyed(String message) {
    return gateway.chat("/chat", body(message)).header("X-API-Key", "sk-0123456789");
  }

  @Test
  @DisplayName("have what a server refuses that is full")
  void full() {
    start(new JsonObject().put("limitConcurrency", 1));
    gateway.session.accepting();
    var first = gateway.sending(gateway.chat("/chat", body("hi")));
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    assertThat(gateway.get("/sessions").statusCode()).isEqualTo(503);
    awaitRequest("/sessions", "GET", "503", "unknown");
    assertThat(errors("/sessions", "server_error")).isEqualTo(1);
    gateway.session.tell(begin, completed(begin, 0));
    first.join();
    awaitRequest("/chat", "POST", "200", "m1");
  }

  @Test
  @DisplayName("tell whose matter a failure is")
  void failures() {
    start();
    Map<Fault, String> types = Map.of(
        Fault.SESSION_STORAGE_UNAVAILABLE, "store_error",
        Fault.SESSION_SAVE_FAILED, "store_error",
        Fault.LLM_UNAVAILABLE, "provider_error",
        Fault.LLM_RATE_LIMITED, "provider_error",
        Fault.CIRCUIT_BREAKER_OPEN, "provider_error",
        Fault.LLM_CONTEXT_TOO_LONG, "client_error",
        Fault.SESSION_LOCKED, "client_error",
        Fault.MODEL_CONFIG_ERROR, "server_error",
        Fault.INTERNAL_ERROR, "server_error");
    types.forEach((fault, type) -> {
      double before = errors("/chat", type);
      double all = errors();
      double requests = requests("/chat", "POST", "" + fault.status(), "unknown");
      gateway.session.failing(fault);
      gateway.postChat("hi");
      await()
          .until(() -> requests("/chat", "POST", "" + fault.status(), "unknown") == requests + 1);
      assertThat(errors("/chat", type)).isEqualTo(before + 1);
      assertThat(errors()).isEqualTo(all + 1);
    });
  }

  @Test
  @DisplayName("count a cancelled turn as no error")
  void cancelled() {
    start();
    gateway.session.answering(begin ->
        List.of(new TurnFailed(begin.turn(), 1, 0, Failed.of(Fault.LLM_CANCELLED.because()))));
    gateway.postChat("hi");
    awaitRequest("/chat", "POST", "200", "unknown");
    assertThat(errors()).isZero();
  }

  @Test
  @DisplayName("name the model that answered, whatever was asked for")
  void modelThatAnswered() {
    start();
    List.of("p1/m1", "m1", "fast", "invented")
        .forEach(asked -> gateway.send(gateway.chat("/chat", body("hi").put("model", asked))));
    await().until(() -> requests("/chat", "POST", "200", "m1") == 4);
  }

  @Test
  @DisplayName("name the model that was asked for where none answered, if it is configured")
  void modelThatDidNot() {
    start();
    gateway.postChat("so that the names are asked for");
    awaitRequest("/chat", "POST", "200", "m1");
    gateway.session.failing(Fault.LLM_TIMEOUT);
    List.of("p1/m1", "m1", "fast", "invented", "x/m1")
        .forEach(asked -> gateway.send(gateway.chat("/chat", body("hi").put("model", asked))));
    await()
        .until(() -> requests("/chat", "POST", "504", "m1") == 2
            && requests("/chat", "POST", "504", "fast") == 1
            && requests("/chat", "POST", "504", "other") == 2);
    assertThat(all()).hasSize(4);
  }

  @Test
  @DisplayName("count a model as another that is said not to be there")
  void noSuchModel() {
    start();
    gateway.session.failing(Fault.MODEL_NOT_AVAILABLE);
    gateway.send(gateway.chat("/chat", body("hi").put("model", "m9")));
    awaitRequest("/chat", "POST", "503", "other");
    assertThat(errors("/chat", "provider_error")).isEqualTo(1);
  }

  @Test
  @DisplayName("let no request wait for the names of the models, and ask for them once in a while")
  void namesOnTheirWay() {
    start();
    Promise<BusMessage> names = Promise.promise();
    gateway.session.on(ListModels.class, list -> names.future());
    long begun = System.nanoTime();
    for (int i = 0; i < 3; i++) {
      assertThat(gateway.postChat("hi").statusCode()).isEqualTo(200);
    }
    gateway.session.received().await(ListModels.class);
    names.complete(NAMES);
    await()
        .until(
            () -> requests("/chat", "POST", "200", "m1") + requests("/chat", "POST", "200", "other")
                == 3);
    // Where that took as long as an answer is awaited, no model was known to be configured.
    if (Duration.ofNanos(System.nanoTime() - begun).toSeconds() < 2) {
      assertThat(requests("/chat", "POST", "200", "m1")).isEqualTo(3);
    }
    assertThat(gateway.session.received().all(ListModels.class)).hasSize(1);
  }

  @Test
  @DisplayName(
      "have the model of a batch, and of /v1 with and without a session, whole and streamed")
  void everyEndpoint() {
    start();
    JsonArray messages = JsonArray.of(new JsonObject().put("role", "user").put("content", "hi"));
    gateway.send(gateway.chat(
        "/chat/batch", new JsonObject().put("session_id", "s1").put("messages", messages)));
    awaitRequest("/chat/batch", "POST", "200", "m1");
    JsonObject v1 = new JsonObject().put("model", "fast").put("messages", messages);
    gateway.send(gateway.chat("/v1/chat/completions", v1));
    awaitRequest("/v1/chat/completions", "POST", "200", "m1");
    assertThat(streams("/v1/chat/completions")).isZero();
    gateway.send(gateway.chat("/v1/chat/completions", v1.copy().put("stream", true)));
    await().until(() -> requests("/v1/chat/completions", "POST", "200", "m1") == 2);
    assertThat(streams("/v1/chat/completions")).isEqualTo(1);
    gateway.send(gateway.chat("/v1/chat/completions", v1.copy().put("session_id", "s1")));
    await().until(() -> requests("/v1/chat/completions", "POST", "200", "m1") == 3);
    assertThat(errors()).isZero();
  }

  @Test
  @DisplayName("have a stream's latency up to its first byte, and its length at its end")
  void stream() {
    start();
    gateway.session.accepting();
    var answer = gateway.sending(gateway.chat("/chat/stream", body("hi")));
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    assertThat(latencies("/chat/stream", "POST")).isZero();
    gateway.session.tell(begin, delta(begin, 0, "Hel"));
    await().until(() -> latencies("/chat/stream", "POST") == 1);
    assertThat(all()).isEmpty();
    assertThat(streams("/chat/stream")).isZero();
    gateway.session.tell(begin, completed(begin, 3));
    answer.join();
    awaitRequest("/chat/stream", "POST", "200", "m1");
    assertThat(latencies("/chat/stream", "POST")).isEqualTo(1);
    assertThat(streams("/chat/stream")).isEqualTo(1);
    assertThat(resumed()).isZero();
  }

  @Test
  @DisplayName("have a failure in the middle of a stream beside its 200")
  void brokenStream() {
    start();
    gateway.session.answering(begin -> List.of(
        delta(begin, 0, "Hel"),
        new TurnFailed(begin.turn(), 1, 3, Failed.of(Fault.LLM_TIMEOUT.because()))));
    assertThat(gateway.postStream("hi").body()).contains("E201");
    awaitRequest("/chat/stream", "POST", "200", "unknown");
    assertThat(errors("/chat/stream", "provider_error")).isEqualTo(1);
  }

  @Test
  @DisplayName("have a client that leaves as 499, with no latency where it has got nothing")
  void gone() {
    start();
    gateway.session.accepting();
    try (RawClient client = gateway.raw()) {
      String body = body("hi").put("model", "m1").encode();
      client.send("POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      gateway.session.received().await(BeginTurn.class);
      gateway.session.received().await(ListModels.class);
    }
    awaitRequest("/chat", "POST", "499", "m1");
    assertThat(latencies("/chat", "POST")).isZero();
    assertThat(errors()).isZero();
    assertThat(all()).hasSize(1);
  }

  @Test
  @DisplayName("have a client that takes nothing of an answer that was given as 499")
  void tooSlow() {
    start(new JsonObject().put("websocket", new JsonObject().put("sendTimeoutSeconds", 0.5)));
    gateway.session.on(
        ReadMessages.class,
        read -> Future.succeededFuture(new MessagePage(
            read.session(),
            List.of(new MessagePage.Entry(
                ChatMessage.user("x".repeat(8_000_000)),
                TURN,
                RunningGateway.SEALED,
                null,
                null,
                null)),
            null)));
    try (RawClient client = gateway.raw()) {
      client.send("GET /sessions/s1/messages HTTP/1.1\r\nHost: localhost\r\n\r\n");
      awaitRequest("/sessions/{session_id}/messages", "GET", "499", "unknown");
      assertThat(all()).hasSize(1);
    }
  }

  @Test
  @DisplayName("count a turn as resumed when its client gets on with it, not when it is not found")
  void comeBack() {
    start();
    gateway.get("/chat/stream/" + TURN.value());
    awaitRequest("/chat/stream/{turn_id}", "GET", "200", "m1");
    assertThat(resumed()).isEqualTo(1);
    gateway.send(gateway
        .chat("/chat/stream", body("hi"))
        .header(LastEventId.HEADER, new LastEventId(TURN, 0, 0).text()));
    awaitRequest("/chat/stream", "POST", "200", "m1");
    assertThat(resumed()).isEqualTo(2);
    gateway.session.on(
        AttachTurn.class, attach -> Future.failedFuture(Fault.SESSION_NOT_FOUND.because()));
    gateway.get("/chat/stream/" + TURN.value());
    awaitRequest("/chat/stream/{turn_id}", "GET", "404", "unknown");
    assertThat(resumed()).isEqualTo(2);
  }

  @Test
  @DisplayName("count a WebSocket's upgrade, and each of its messages but pings")
  void socket() {
    start();
    try (TestSocket socket = gateway.socket("s1")) {
      awaitRequest(SOCKET, "GET", "101", "unknown");
      assertThat(latencies(SOCKET, "GET")).isEqualTo(1);
      socket.send("{\"type\":\"ping\"}");
      socket.next();
      socket.say("hi");
      socket.answer();
      awaitRequest(SOCKET, "WS", "200", "m1");
      assertThat(latencies(SOCKET, "WS")).isEqualTo(1);
      assertThat(streams(SOCKET)).isEqualTo(1);
      socket.send("{\"type\":\"message\"}");
      socket.next("error");
      awaitRequest(SOCKET, "WS", "422", "unknown");
      socket.sendBinary(new byte[1]);
      socket.next("error");
      await().until(() -> requests(SOCKET, "WS", "422", "unknown") == 2);
      assertThat(errors(SOCKET, "client_error")).isEqualTo(2);
      socket.send("{\"type\":\"cancel\"}");
      awaitRequest(SOCKET, "WS", "200", "unknown");
      socket.send(new JsonObject().put("type", "resume").put("turn_id", TURN.value()));
      socket.answer();
      await().until(() -> requests(SOCKET, "WS", "200", "m1") == 2);
      assertThat(resumed()).isEqualTo(1);
      gateway.session.failing(Fault.SESSION_SAVE_FAILED);
      socket.say("hi");
      socket.next("error");
      awaitRequest(SOCKET, "WS", "503", "unknown");
      assertThat(errors(SOCKET, "store_error")).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("have a WebSocket's messages that got no answer before it was closed as 499")
  void socketGone() {
    start();
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      socket.say("and this");
      gateway.session.received().await(BeginTurn.class);
    }
    gateway.session.received().await(Detach.class);
    await().until(() -> requests(SOCKET, "WS", "499", "unknown") == 2);
  }

  @Test
  @DisplayName("have a cancel that waits for its message, and one that fails")
  void socketCancels() {
    start();
    gateway.session.onBegin(begin -> ScriptedSession.noAnswer());
    gateway.session.on(
        CancelTurn.class, cancel -> Future.<BusMessage>succeededFuture(new Cancelled(null)));
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      socket.send("{\"type\":\"cancel\"}");
      gateway.session.received().await(CancelTurn.class);
      awaitRequest(SOCKET, "WS", "200", "unknown");
      gateway.session.on(
          CancelTurn.class, cancel -> Future.failedFuture(Fault.INTERNAL_ERROR.because()));
      socket.send("{\"type\":\"cancel\"}");
      socket.next("error");
      awaitRequest(SOCKET, "WS", "500", "unknown");
    }
  }

  @Test
  @DisplayName("have a browser that is told in its WebSocket that its key is wrong as 401")
  void browser() {
    start(
        new JsonObject().put("auth", new JsonObject().put("keys", JsonArray.of("sk-0123456789"))));
    try (RawClient client = gateway.raw()) {
      client.upgrade("/ws/chat/s1", "Sec-WebSocket-Protocol: consoul.v1, api-key.sk-wrong\r\n");
      assertThat(client.closeCode()).isEqualTo(1008);
    }
    awaitRequest(SOCKET, "GET", "401", "unknown");
    assertThat(errors(SOCKET, "client_error")).isEqualTo(1);
    assertThat(all()).hasSize(1);
  }

  @Test
  @DisplayName("go with a request id in every answer, a WebSocket's upgrade among them")
  void requestIds() {
    start();
    try (RawClient client = gateway.raw()) {
      client.send("GET /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Version: 13\r\nX-Request-ID: mine-1\r\n\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 101").contains("X-Request-ID: mine-1\r\n");
    }
  }

  @Test
  @DisplayName("are told by their names from the start, and only with templates")
  void fromTheStart() {
    start();
    assertThat(meters().find("consoul_request").counters()).isNotEmpty();
    assertThat(meters().find("consoul_request_latency").timers()).isNotEmpty();
    assertThat(meters().find("consoul_stream_duration").timers()).isNotEmpty();
    assertThat(resumed()).isZero();
    assertThat(errors()).isZero();
  }
}
