package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

@DisplayName("The access log")
class AccessLogTest {

  private static final String KEY = "sk-0123456789";

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.consoul.access");
  private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
    @Override
    protected void append(ILoggingEvent event) {
      events.add(event);
    }
  };
  private RunningGateway gateway;

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(null);
    gateway.close();
  }

  private void start(JsonObject config) {
    gateway = RunningGateway.start(config);
    ObligingSession.oblige(gateway.session);
  }

  private static JsonObject keyed() {
    return new JsonObject()
        .put(
            "auth",
            new JsonObject()
                .put(
                    "keys",
                    JsonArray.of(new JsonObject()
                        .put("key", KEY)
                        .put("id", "mobile")
                        .put("tenant", "acme"))));
  }

  private List<String> messages() {
    return events.stream().map(ILoggingEvent::getMessage).toList();
  }

  /** What the line with this message says; there is one. */
  private Map<String, Object> line(String message) {
    await().untilAsserted(() -> assertThat(messages()).contains(message));
    List<ILoggingEvent> found =
        events.stream().filter(event -> event.getMessage().equals(message)).toList();
    assertThat(found).hasSize(1);
    Map<String, Object> values = new LinkedHashMap<>();
    for (KeyValuePair pair : found.get(0).getKeyValuePairs()) {
      assertThat(values.put(pair.key, pair.value)).as(pair.key).isNull();
    }
    return values;
  }

  @Test
  @DisplayName(
      "has a line for every request, with what it was, who it was and how it went, and no query and no key")
  void requests() {
    start(keyed());
    HttpRequest.Builder request = gateway
        .chat("/chat?api_key=" + KEY, body("a secret text"))
        .header("User-Agent", "curl/8")
        .header("X-Request-ID", "r-1");
    int length = gateway.send(request).body().length();
    Map<String, Object> line = line("POST /chat 200");
    BeginTurn begin = gateway.session.received().await(BeginTurn.class);
    assertThat((Double) line.remove("duration_ms")).isBetween(0.0, 60_000.0);
    assertThat(line)
        .isEqualTo(Map.ofEntries(
            Map.entry("method", "POST"),
            Map.entry("path", "/chat"),
            Map.entry("status", 200),
            Map.entry("client", "127.0.0.1"),
            Map.entry("user_agent", "curl/8"),
            Map.entry("request_id", "r-1"),
            Map.entry("api_key_id", "mobile"),
            Map.entry("tenant", "acme"),
            Map.entry("bytes", (long) length),
            Map.entry("turn_id", begin.turn().value()),
            Map.entry("model", "m1")));
  }

  @Test
  @DisplayName("tells the code of a failure, and of a request that was not let in nobody's name")
  void failures() {
    start(keyed());
    gateway.postChat("hi");
    assertThat(line("POST /chat 401")).containsEntry("error", "E010").doesNotContainKey("tenant");
    gateway.session.failing(Fault.LLM_TIMEOUT);
    gateway.send(gateway.chat("/chat", body("hi")).header("X-API-Key", KEY));
    assertThat(line("POST /chat 504"))
        .containsEntry("error", "E201")
        .containsEntry("api_key_id", "mobile");
  }

  @Test
  @DisplayName("has the client's address from a proxy that is trusted")
  void proxied() {
    start(keyed().put("trustedProxies", JsonArray.of("127.0.0.0/8")));
    gateway.send(gateway
        .request("/sessions/a")
        .header("X-API-Key", KEY)
        .header("X-Forwarded-For", "203.0.113.7"));
    assertThat(line("GET /sessions/a 200")).containsEntry("client", "203.0.113.7");
  }

  @Test
  @DisplayName(
      "cannot be written into by a client: no line breaks, no controls, no quotes, nothing endless")
  void forgery() {
    start(new JsonObject());
    try (RawClient client = gateway.raw()) {
      client.send("GET /a\"b\\c%0d%0a{}" + "x".repeat(300) + " HTTP/1.1\r\nHost: localhost\r\n"
          + "User-Agent: \u00e9\" status=\"200\\\r\nConnection: close\r\n\r\n");
      client.readToEnd();
    }
    String path = "/a\\x22b\\x5cc%0d%0a{}" + "x".repeat(300 - 58) + "...";
    assertThat(line("GET " + path + " 404"))
        .containsEntry("path", path)
        .containsEntry("user_agent", "\\xc3\\xa9\\x22 status=\\x22200\\x5c");
    try (RawClient client = gateway.raw()) {
      client.send("GET /long HTTP/1.1\r\nHost: localhost\r\nUser-Agent: " + "y".repeat(500)
          + "\r\nX-Request-ID: \"q\"\r\nConnection: close\r\n\r\n");
      client.readToEnd();
    }
    assertThat(line("GET /long 404"))
        .containsEntry("user_agent", "y".repeat(120) + "...")
        .as("one id in all lines")
        .containsEntry("request_id", "\"q\"");
    try (RawClient client = gateway.raw()) {
      client.send("GET /x\u000by HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \u001b[2J\r\n\r\n");
      client.readToEnd();
    }
    await().untilAsserted(() -> assertThat(events).hasSize(3));
    assertThat(events).allSatisfy(event -> {
      String all = event.getFormattedMessage() + event.getKeyValuePairs();
      assertThat(all.chars().allMatch(c -> c >= ' ' && c <= '~')).as(all).isTrue();
    });
  }

  @Test
  @DisplayName("leaves probes out, unless for debugging")
  void probes() {
    start(new JsonObject());
    gateway.get("/health");
    gateway.get("/ready");
    gateway.get("/nothing");
    line("GET /nothing 404");
    assertThat(messages()).hasSize(1);
    logger.setLevel(Level.DEBUG);
    gateway.get("/ready");
    line("GET /ready 200");
    assertThat(events).last().extracting(ILoggingEvent::getLevel).isEqualTo(Level.DEBUG);
  }

  @Test
  @DisplayName("can be turned off and on while the node runs")
  void live() {
    start(new JsonObject());
    gateway.apply(new JsonObject().put("accessLog", false));
    gateway.get("/off");
    await().until(() -> gateway.edge.requests() == 0);
    gateway.apply(new JsonObject().put("accessLog", true));
    gateway.get("/on");
    line("GET /on 404");
    assertThat(messages()).doesNotContain("GET /off 404");
  }

  @Test
  @DisplayName(
      "has a line for each message on a WebSocket, and one for the whole of it when it is closed")
  void sockets() {
    start(new JsonObject());
    try (RawClient client = gateway.raw()) {
      client.upgrade("/ws/chat/s1?api_key=" + KEY, "User-Agent: ua\r\nX-Request-ID: r-2\r\n");
      client.text("{\"type\":\"message\",\"content\":\"hi\"}");
      Map<String, Object> message = line("WS /ws/chat/s1 200");
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      assertThat(message)
          .containsEntry("method", "WS")
          .containsEntry("client", "127.0.0.1")
          .containsEntry("user_agent", "ua")
          .hasEntrySatisfying("request_id", id -> assertThat(id.toString()).startsWith("r-2"))
          .containsEntry("turn_id", begin.turn().value())
          .containsEntry("model", "m1");
      client.text("{}");
      assertThat(line("WS /ws/chat/s1 422")).containsEntry("error", "E002");
      assertThat(messages()).hasSize(2);
      client.frame(0x88, new byte[] {0x03, (byte) 0xe8});
      assertThat(client.closeCode()).isEqualTo(1000);
    }
    assertThat(line("GET /ws/chat/s1 101"))
        .containsEntry("messages", 2)
        .containsEntry("close_code", (short) 1000)
        .containsEntry("user_agent", "ua");
    assertThat(messages()).hasSize(3);
  }
}
