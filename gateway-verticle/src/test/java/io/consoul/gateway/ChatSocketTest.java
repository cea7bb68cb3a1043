package io.consoul.gateway;

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
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The chat WebSocket")
class ChatSocketTest {

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

  private static BeginTurn begun(String text) {
    return gateway.session.received().await(BeginTurn.class, turn -> turn.text().equals(text));
  }

  @Test
  @DisplayName("answers a message with tokens and done")
  void happyPath() {
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("socket%20one%2F%C3%BC+")) {
      await().untilAsserted(() -> assertThat(gateway.edge.connections()).isEqualTo(1));
      socket.send(new JsonObject()
          .put("type", "message")
          .put("content", "happy path")
          .put("model", "m9")
          .put("other", true));
      BeginTurn begin = begun("happy path");
      assertThat(begin.turn().session().value()).isEqualTo("socket one/ü+");
      assertThat(begin.model()).isEqualTo("m9");
      gateway.session.tell(begin, delta(begin, 0, "Hel"));
      assertThat(socket.next())
          .isEqualTo(new JsonObject()
              .put("type", "token")
              .put(
                  "data",
                  new JsonObject()
                      .put("text", "Hel")
                      .put("turn_id", begin.turn().value())
                      .put("offset", 0)));
      gateway.session.tell(begin, delta(begin, 3, "lo"));
      assertThat(socket.next("token").getInteger("offset")).isEqualTo(3);
      gateway.session.tell(begin, completed(begin, 5));
      JsonObject done = socket.next("done");
      assertThat(done.getJsonObject("usage").fieldNames())
          .containsExactlyInAnyOrder(
              "input_tokens", "output_tokens", "total_tokens", "estimated_cost", "duration_ms");
      assertThat(done.getString("timestamp")).isEqualTo("2026-01-02T03:04:05.123Z");
      assertThat(done.getString("turn_id")).isEqualTo(begin.turn().value());
      assertThat(done.getString("finish_reason")).isEqualTo("stop");
      assertThat(done.getString("session_id")).isEqualTo("socket one/ü+");
      assertThat(done.getString("model")).isEqualTo("m1");
    }
    await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
  }

  @Test
  @DisplayName("answers ping with pong")
  void ping() {
    try (TestSocket socket = gateway.socket("s1")) {
      socket.send("{\"type\":\"ping\"}");
      assertThat(socket.next()).isEqualTo(new JsonObject().put("type", "pong"));
    }
  }

  @Test
  @DisplayName("runs queued messages in order, the next when the last has ended")
  void inOrder() {
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("first");
      socket.say("second");
      socket.say("third");
      for (String text : List.of("first", "second", "third")) {
        BeginTurn begin = begun(text);
        assertThat(gateway.session.received().all(BeginTurn.class))
            .last()
            .extracting(BeginTurn::text)
            .isEqualTo(text);
        gateway.session.tell(begin, delta(begin, 0, text));
        gateway.session.tell(begin, completed(begin, text.length()));
        assertThat(socket.answer()).isEqualTo(text);
      }
    }
  }

  @Test
  @DisplayName(
      "takes 16 waiting messages and refuses the next with E022; none of the others is lost")
  void queueLimit() {
    gateway.session.accepting();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("running");
      BeginTurn running = begun("running");
      for (int i = 0; i < 17; i++) {
        socket.say("waiting " + i);
      }
      assertThat(socket.next("error").getString("code")).isEqualTo("E022");
      gateway.session.answering(begin -> List.of(completed(begin, 0)));
      gateway.session.tell(running, completed(running, 0));
      for (int i = 0; i < 17; i++) {
        socket.next("done");
      }
      assertThat(gateway.session.received().all(BeginTurn.class))
          .extracting(BeginTurn::text)
          .contains("waiting 15")
          .doesNotContain("waiting 16");
    }
  }

  @Test
  @DisplayName("tells the fault of a turn, stays open, and goes on with the next message")
  void turnFailed() {
    gateway.session.answering(begin -> begin.text().equals("bad")
        ? List.of(
            delta(begin, 0, "Hel"),
            new TurnFailed(begin.turn(), 1, 3, new Failed(Fault.LLM_UNAVAILABLE, "gone", 2, null)))
        : List.of(completed(begin, 0)));
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("bad");
      socket.say("good");
      assertThat(socket.next("token").getString("text")).isEqualTo("Hel");
      JsonObject error = socket.next("error");
      assertThat(error.getString("code")).isEqualTo("E200");
      assertThat(error.getString("error")).isEqualTo("llm_unavailable");
      assertThat(error.getString("message")).isEqualTo("gone");
      assertThat(error.getBoolean("recoverable")).isTrue();
      assertThat(error.getInteger("retry_after")).isEqualTo(2);
      socket.next("done");
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @DisplayName("answers what it cannot take with an error and stays open")
  @CsvSource(
      delimiter = '|',
      value = {
        "no JSON | E001",
        "[] | E001",
        "{\"type\":\"message\" | E001",
        "{} | E002",
        "{\"type\":\"dance\"} | E003",
        "{\"type\":7} | E003",
        "{\"type\":\"resume\",\"turn_id\":\"x\",\"after\":0} | E003",
        "{\"type\":\"tool_approval\",\"id\":\"call_1\",\"approved\":true} | E300",
        "{\"type\":\"message\"} | E002",
        "{\"type\":\"message\",\"content\":\"\"} | E003",
        "{\"type\":\"message\",\"content\":5} | E003",
        "{\"type\":\"message\",\"content\":\"hi\",\"model\":[]} | E003",
      })
  void refused(String message, String code) {
    try (TestSocket socket = gateway.socket("s1")) {
      socket.send(message);
      assertThat(socket.next("error").getString("code")).isEqualTo(code);
      socket.say("hi");
      assertThat(socket.answer()).isEqualTo("Hello");
    }
  }

  @Test
  @DisplayName("refuses binary with E001 and a long message with E005, and stays open")
  void binaryAndLong() {
    try (TestSocket socket = gateway.socket("s1")) {
      socket.sendBinary("{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
      assertThat(socket.next("error").getString("code")).isEqualTo("E001");
      socket.say("x".repeat(32_769));
      assertThat(socket.next("error").getString("code")).isEqualTo("E005");
      socket.say("x".repeat(32_768));
      assertThat(socket.answer()).isEqualTo("Hello");
    }
  }

  @Test
  @DisplayName("takes a message in fragments, also cut within a character")
  void fragments() {
    byte[] message = "{\"type\":\"ping\",\"x\":\"ü😀\"}".getBytes(StandardCharsets.UTF_8);
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      for (int i = 0; i < message.length; i++) {
        int opcode = i == 0 ? 1 : 0;
        client.frame((i == message.length - 1 ? 0x80 : 0) | opcode, new byte[] {message[i]});
      }
      assertThat(client.read(17)).endsWith("{\"type\":\"pong\"}");
    }
  }

  @Test
  @DisplayName("closes with 1009 for a message or a frame over 256 KiB, in fragments or not")
  void tooBig() {
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      assertThat(client.frame(0x81, new byte[256 * 1024 + 1]).closeCode()).isEqualTo(1009);
    }
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      client.frame(0x01, new byte[200 * 1024]);
      assertThat(client.frame(0x80, new byte[100 * 1024]).closeCode()).isEqualTo(1009);
    }
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      client.frame(0x81, " ".repeat(256 * 1024).getBytes(StandardCharsets.UTF_8));
      client.text("{\"type\":\"ping\"}");
      client.frame(0x88, new byte[] {0x03, (byte) 0xE8});
      assertThat(client.closeCode()).as("256 KiB are taken").isEqualTo(1000);
    }
  }

  @Test
  @DisplayName("closes with 1007 for text that is not UTF-8")
  void invalidUtf8() {
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      byte[] broken = {'"', (byte) 0xC3, '"'};
      assertThat(client.frame(0x81, broken).closeCode()).isEqualTo(1007);
    }
  }

  @Test
  @DisplayName("closes with 1002 for what breaks the protocol")
  void protocolErrors() {
    for (int firstByte : List.of(0x83, 0x80, 0xC1, 0x8B, 0x09)) {
      try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
        assertThat(client.frame(firstByte, new byte[] {'x'}).closeCode())
            .as("first byte %x", firstByte)
            .isEqualTo(1002);
      }
    }
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      client.send(new byte[] {(byte) 0x81, 1, 'x'});
      assertThat(client.closeCode()).as("a frame without mask").isEqualTo(1002);
    }
    await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("refuses a malformed session id before the upgrade")
  @ValueSource(strings = {"", "%", "%4", "%zz", "%C3", "a%00b", "%0a"})
  void sessionIds(String id) {
    try (RawClient client = gateway.raw()) {
      client.send("GET /ws/chat/" + id + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Version: 13\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 400").contains("E004");
    }
  }

  @Test
  @DisplayName("refuses a web page of another origin before the upgrade")
  void origin() {
    try (RawClient client = gateway.raw()) {
      client.send("GET /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
          + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
          + "Sec-WebSocket-Version: 13\r\nOrigin: https://example.org\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 403").contains("E013");
    }
  }

  @Test
  @DisplayName("detaches from its turn when it is closed, and drops what waits")
  void closedByClient() {
    gateway.session.accepting();
    BeginTurn begin;
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("closed by client");
      begin = begun("closed by client");
      socket.say("never begun");
    }
    gateway.session.received().await(Detach.class, detach -> detach.turn().equals(begin.turn()));
    await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
    assertThat(gateway.session.received().all(BeginTurn.class))
        .extracting(BeginTurn::text)
        .doesNotContain("never begun");
  }
}
