package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.Failed;
import io.consoul.message.TurnFailed;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The gateway's limits")
class LimitsTest {

  private static final String HEAD =
      "POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

  private RunningGateway gateway;

  @BeforeEach
  void start() {
    start(new JsonObject());
  }

  /** What is not given is so long or so much that no slow machine comes to it. */
  private void start(JsonObject limits) {
    gateway = RunningGateway.start(limits.put("maxBodyBytes", 2_048));
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
  }

  private void restart(String limit, Object value) {
    restart(new JsonObject().put(limit, value));
  }

  private void restart(JsonObject limits) {
    stop();
    start(limits);
  }

  private static JsonObject ofSockets(String limit, Object value) {
    return new JsonObject().put("websocket", new JsonObject().put(limit, value));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  @Test
  @DisplayName("A body that announces too much is refused before it comes")
  void announcedTooMuch() {
    try (RawClient client = gateway.raw()) {
      client.send(HEAD + "Content-Length: 99999999999\r\n\r\n");
      assertThat(client.answer())
          .startsWith("HTTP/1.1 413")
          .contains("\"code\":\"E006\"")
          .containsIgnoringCase("connection: close");
    }
  }

  @Test
  @DisplayName(
      "A chunked body is refused while it arrives, and its sender can read why after sending all of it")
  void chunkedTooMuch() {
    try (RawClient client = gateway.raw()) {
      client.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 500; i++) {
        client.send(chunk("x".repeat(1_000)));
      }
      client.send("0\r\n\r\n");
      assertThat(new String(client.readToEnd(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 413")
          .contains("\"code\":\"E006\"");
    }
  }

  @Test
  @DisplayName("A body at the limit is taken")
  void atTheLimit() {
    String filled = body("hi").put("filler", "").encode();
    String whole = body("hi").put("filler", "x".repeat(2_048 - filled.length())).encode();
    try (RawClient client = gateway.raw()) {
      client.send(HEAD + "Content-Length: 2048\r\n\r\n" + whole);
      assertThat(client.answer()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  @DisplayName("A body that comes too slowly is E001, then the connection closes")
  void slowBody() {
    restart("bodyTimeoutSeconds", 0.3);
    try (RawClient client = gateway.raw()) {
      client.send(HEAD + "Content-Length: 100\r\n\r\n{\"session_id\"");
      assertThat(new String(client.readToEnd(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 422")
          .contains("\"code\":\"E001\"", "did not arrive");
    }
  }

  @Test
  @DisplayName("A body that is not valid chunked encoding gets an answer")
  void brokenChunks() {
    try (RawClient client = gateway.raw()) {
      client.send(HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
      assertThat(new String(client.readToEnd(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 422")
          .contains("\"code\":\"E001\"");
    }
  }

  @Test
  @DisplayName("100-continue is given to a body that will be taken, and not to another")
  void expectContinue() {
    String body = body("hi").encode();
    try (RawClient client = gateway.raw()) {
      client.send(HEAD + "Expect: 100-continue\r\nContent-Length: " + body.length() + "\r\n\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 100");
      client.send(body);
      assertThat(client.answer()).startsWith("HTTP/1.1 200");
    }
    try (RawClient client = gateway.raw()) {
      client.send(HEAD + "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 413");
    }
  }

  @Test
  @DisplayName("A request needs exactly one Host; without it nothing behind it is a request")
  void hosts() {
    for (String hosts : List.of("", "Host: localhost\r\nHost: localhost\r\n", "Host:\r\n")) {
      try (RawClient client = gateway.raw()) {
        client.send("GET /health HTTP/1.1\r\n" + hosts
            + "\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(new String(client.readToEnd(), StandardCharsets.UTF_8))
            .startsWith("HTTP/1.1 400")
            .contains("\"code\":\"E001\"")
            .doesNotContain("200 OK");
      }
    }
  }

  @Test
  @DisplayName("What is not HTTP gets an answer too")
  void malformedHeads() {
    try (RawClient client = gateway.raw()) {
      client.send("GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 400").contains("\"code\":\"E001\"");
    }
    try (RawClient client = gateway.raw()) {
      client.send("GET /" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer()).contains(" 414 ").contains("\"code\":\"E001\"");
    }
    try (RawClient client = gateway.raw()) {
      client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(9_000) + "\r\n\r\n");
      assertThat(client.answer()).contains(" 431 ").contains("\"code\":\"E001\"");
    }
  }

  @Test
  @DisplayName("HTTP/2 without TLS is not spoken")
  void noH2c() {
    try (RawClient client = gateway.raw()) {
      client.send(
          "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
              + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  @DisplayName("HTTP/1.0 and pipelined requests are answered")
  void oldAndPipelined() {
    String body = body("hi").encode();
    try (RawClient client = gateway.raw()) {
      client.send(
          "POST /chat/stream HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      assertThat(new String(client.readToEnd(), StandardCharsets.UTF_8))
          .contains("200 OK", "event: done");
    }
    try (RawClient client = gateway.raw()) {
      for (int i = 0; i < 2; i++) {
        client.send("GET /health HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
        assertThat(client.answer()).containsIgnoringCase("connection: keep-alive");
      }
      client.send("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer()).contains("\"service\"");
      assertThat(client.readToEnd()).isEmpty();
    }
    try (RawClient client = gateway.raw()) {
      client.send(
          "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer()).contains("\"service\"");
      assertThat(client.answer()).contains("\"checks\"");
    }
  }

  @Test
  @DisplayName(
      "A connection without a request, or with half of one, is closed after the keep-alive time")
  void idleConnections() {
    restart("keepAliveTimeoutSeconds", 0.9);
    for (String start : List.of("", "GET /hea")) {
      try (RawClient client = gateway.raw()) {
        assertThat(client.send(start).readToEnd()).isEmpty();
      }
    }
    try (RawClient client = gateway.raw()) {
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 200");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  @DisplayName("Over the concurrency limit requests are refused with E022, and served again after")
  void concurrency() {
    restart("limitConcurrency", 2);
    gateway.session.accepting();
    List<CompletableFuture<HttpResponse<String>>> running = List.of(
        gateway.sending(gateway.chat("/chat", body("one"))),
        gateway.sending(gateway.chat("/chat", body("two"))));
    List<BeginTurn> begins = gateway.session.received().await(BeginTurn.class, 2);
    HttpResponse<String> refused = gateway.postChat("three");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(new JsonObject(refused.body()).getString("code")).isEqualTo("E022");
    assertThat(gateway.get("/health").statusCode()).isEqualTo(200);

    begins.forEach(begin -> gateway.session.tell(begin, completed(begin, 0)));
    running.forEach(response ->
        assertThat(response.orTimeout(10, TimeUnit.SECONDS).join().statusCode()).isEqualTo(200));
    gateway.session.answering(begin -> List.of(completed(begin, 0)));
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
    assertThat(gateway.postChat("four").statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("Over the limit of connections a WebSocket is refused before the upgrade")
  void connections() {
    restart(ofSockets("maxConnections", 1));
    TestSocket first = gateway.socket("s1");
    try (RawClient client = gateway.raw()) {
      assertThatThrownBy(() -> client.upgrade("/ws/chat/s2")).hasMessageContaining("HTTP/1.1 503");
    }
    first.close();
    await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
    gateway.socket("s2").close();
  }

  @Test
  @DisplayName(
      "A WebSocket that says nothing is closed with 1001, one that waits for an answer is not")
  void idleSocket() {
    restart(ofSockets("idleTimeoutSeconds", 0.5));
    gateway.session.accepting();
    try (RawClient client =
        gateway.raw().upgradeSaying("/ws/chat/s1", "{\"type\":\"message\",\"content\":\"hi\"}")) {
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      await().pollDelay(Duration.ofMillis(900)).until(() -> true);
      gateway.session.tell(begin, completed(begin, 0));
      assertThat(client.message()).contains("\"done\"");
      assertThat(client.closeCode()).isEqualTo(1001);
    }
  }

  @Test
  @DisplayName("A WebSocket that leaves two pings unanswered is dropped")
  void unansweredPings() {
    restart(ofSockets("pingIntervalSeconds", 0.15));
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      byte[] pings = client.readToEnd();
      assertThat(pings).containsExactly(0x89, 0, 0x89, 0);
    }
  }

  @Test
  @DisplayName(
      "A silent stream of server-sent events gets pings, and after the first one failures are events")
  void ssePings() {
    restart(new JsonObject().put("stream", new JsonObject().put("ssePingSeconds", 0.2)));
    gateway.session.accepting();
    try (ChatClient client = new ChatClient(gateway.vertx, gateway.port())) {
      EventStream stream = client.stream("s1", "hi");
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      await().until(() -> stream.comments().size() >= 2);
      gateway.session.tell(
          begin,
          new TurnFailed(begin.turn(), 1, 0, new Failed(Fault.LLM_TIMEOUT, null, null, null)));
      assertThat(stream.awaitEnd().status()).isEqualTo(200);
      assertThat(stream.comments()).containsOnly("ping");
      assertThat(stream.await("error").json().getString("code")).isEqualTo("E201");
    }
  }
}
