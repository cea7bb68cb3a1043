package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The head of a request")
class RequestHeadTest {

  private static final String POST =
      "POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

  private RunningGateway gateway;

  @BeforeEach
  void start() {
    start(new JsonObject());
  }

  /** @param http what a slow machine could come to is only in the tests that need it */
  private void start(JsonObject http) {
    gateway = RunningGateway.start(new JsonObject()
        .put("trustedProxies", new JsonArray().add("10.0.0.0/8"))
        .put("http", http.put("maxRequestLineBytes", 2_000).put("maxHeaderBytes", 4_000)));
  }

  private void restart(String limit, Object value) {
    stop();
    start(new JsonObject().put(limit, value));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private String conversation(String bytes) {
    try (RawClient client = gateway.raw()) {
      return new String(client.send(bytes).readToEnd(), StandardCharsets.UTF_8);
    }
  }

  /** Strings of annotations reach the reports, which take no control characters. */
  private static String unescaped(String text) {
    return text.translateEscapes();
  }

  @ParameterizedTest
  @DisplayName(
      "that two servers could read differently is refused, and nothing behind it is a request")
  @ValueSource(
      strings = {
        "Content-Length: 5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
        "Transfer-Encoding: chunked\\r\\nContent-Length: 5\\r\\n\\r\\n0\\r\\n\\r\\n",
        "Content-Length: 0\\r\\nContent-Length: 5\\r\\n\\r\\n",
        "Content-Length: 0\\r\\nContent-Length: 0\\r\\n\\r\\n",
        "Content-Length: 0, 5\\r\\n\\r\\n",
        "Content-Length: +0\\r\\n\\r\\n",
        "Content-Length: -1\\r\\n\\r\\n",
        "Content-Length: 0x0\\r\\n\\r\\n",
        "Content-Length: \\r\\n\\r\\n",
        "Transfer-Encoding: xchunked\\r\\n\\r\\n0\\r\\n\\r\\n",
        "Transfer-Encoding: gzip, chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
        "Transfer-Encoding: chunked, identity\\r\\n\\r\\n0\\r\\n\\r\\n",
        "Transfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
        "Transfer-Encoding: identity\\r\\n\\r\\n",
        "Transfer-Encoding:\\r\\n chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
        "Transfer-Encoding : chunked\\r\\n\\r\\n0\\r\\n\\r\\n",
        "Content-Length : 0\\r\\n\\r\\n",
        "X: a\\nContent-Length: 0\\r\\n\\r\\n",
        "X: a\\rContent-Length: 0\\r\\n\\r\\n",
        "X: a\\0b\\r\\nContent-Length: 0\\r\\n\\r\\n",
        "X\\0: a\\r\\nContent-Length: 0\\r\\n\\r\\n",
        "Content-Length\\240: 0\\r\\n\\r\\n",
        ": a\\r\\nContent-Length: 0\\r\\n\\r\\n",
        "no colon\\r\\nContent-Length: 0\\r\\n\\r\\n",
      })
  void ambiguous(String headers) {
    String answer =
        conversation(POST + unescaped(headers) + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 400").contains("\"code\":\"E001\"");
    assertThat(answer.split("HTTP/1.1 ", -1)).as(answer).hasSize(2);
    assertThat(answer.toLowerCase(Locale.ROOT)).contains("connection: close");
  }

  @ParameterizedTest
  @DisplayName("has a request line of three parts without control characters")
  @ValueSource(
      strings = {
        "GET /hea\\0lth HTTP/1.1\\r\\n",
        "GET /health HTTP/1.1\\n",
        "GET /health HTTP/9.9\\r\\n",
        "GET /health\\r\\n",
        "\\1GET /health HTTP/1.1\\r\\n",
      })
  void requestLines(String line) {
    String answer = conversation(
        unescaped(line) + "Host: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(answer).matches("(?s)HTTP/\\d.\\d (400|501) .*").doesNotContain("200 OK");
  }

  @Test
  @DisplayName("of HTTP/1.0 has no Transfer-Encoding")
  void oldChunked() {
    assertThat(conversation("POST /chat HTTP/1.0\r\nHost: localhost\r\n"
            + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
        .contains(" 400 ");
  }

  @Test
  @DisplayName("with a folded line is read as one header")
  void folded() {
    try (RawClient client = gateway.raw()) {
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a\r\n b: c\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 200").contains("X-Request-ID: a b: c\r\n");
      client.send(POST + " Content-Length: 0\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 415");
    }
  }

  @Test
  @DisplayName("may be as long as configured")
  void limits() {
    try (RawClient client = gateway.raw()) {
      client.send("GET /" + "x".repeat(1_900) + " HTTP/1.1\r\nHost: localhost\r\nX: "
          + "x".repeat(3_900) + "\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 404");
    }
    assertThat(conversation("GET /" + "x".repeat(2_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .contains(" 414 ", "\"code\":\"E001\"");
    assertThat(conversation(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(4_000) + "\r\n\r\n"))
        .contains(" 431 ", "\"code\":\"E001\"");
  }

  @Test
  @DisplayName(
      "that comes in drop by drop ends the connection, on a new one and on one that was used")
  void dribbled() {
    restart("headerTimeoutSeconds", 1);
    for (String before : List.of("", "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
      try (RawClient client = gateway.raw()) {
        if (!before.isEmpty()) {
          assertThat(client.send(before).answer()).startsWith("HTTP/1.1 200");
          // an idle connection has longer than the head of a request
          await().pollDelay(Duration.ofMillis(1_200)).until(() -> true);
        }
        BooleanSupplier closed = dribble(client);
        await() // for less than the 30 s that an idle connection has
            .atMost(Duration.ofSeconds(20))
            .pollInterval(Duration.ofMillis(50))
            .until(closed::getAsBoolean);
      }
    }
  }

  /** Sends another byte of a header at each call. */
  private static BooleanSupplier dribble(RawClient client) {
    return () -> {
      try {
        client.send("X");
        return false;
      } catch (java.io.UncheckedIOException gone) {
        return true;
      }
    };
  }

  @Test
  @DisplayName("may take its time where its request has begun")
  void slowBody() {
    restart("headerTimeoutSeconds", 1);
    try (RawClient client = gateway.raw()) {
      client.send(POST + "Content-Length: 4\r\n\r\n{");
      await().pollDelay(Duration.ofMillis(1_300)).until(() -> true);
      client.send("   ");
      assertThat(client.answer()).startsWith("HTTP/1.1 422");
    }
  }

  @Test
  @DisplayName("is not taken over the limit of connections, until one is closed")
  void connections() {
    restart("maxConnections", 2);
    List<RawClient> open = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      RawClient client = gateway.raw();
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 200");
      open.add(client);
    }
    try (RawClient third = gateway.raw()) {
      assertThat(third.readToEnd()).isEmpty();
    }
    open.forEach(RawClient::close);
    await().until(() -> gateway.edge.httpConnections() == 0);
    assertThat(gateway.get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("is answered with headers that tell browsers to be careful, and not who we are")
  void answerHeaders() {
    for (String path : List.of("/health", "/nowhere", "/sessions/unknown")) {
      HttpResponse<String> answer = gateway.get(path);
      assertThat(answer.headers().map())
          .containsEntry("x-content-type-options", List.of("nosniff"))
          .containsEntry("referrer-policy", List.of("no-referrer"))
          .containsEntry(
              "content-security-policy", List.of("default-src 'none'; frame-ancestors 'none'"))
          .containsEntry("cache-control", List.of("no-store"))
          .doesNotContainKeys("server", "x-powered-by", "strict-transport-security");
    }
    assertThat(conversation("GET\r\n\r\n")).contains("nosniff").doesNotContain("erver: ");
  }

  @Test
  @DisplayName("that asks for a compressed WebSocket gets a plain one")
  void compression() {
    try (RawClient client = gateway.raw()) {
      client.send("GET /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
      assertThat(client.head().toLowerCase(Locale.ROOT))
          .startsWith("http/1.1 101")
          .doesNotContain("extensions");
    }
  }

  @Test
  @DisplayName("that an untrusted peer says it forwards is refused in protected mode")
  void forwarded() {
    try (RawClient client = gateway.raw()) {
      client.send(
          "GET /sessions HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 403").contains("\"code\":\"E013\"");
    }
  }
}
