package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.BeginTurn;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One gateway and one well-behaved socket live through all of it. */
@DisplayName("A WebSocket whose client keeps to RFC 6455 in nothing")
class SocketProtocolTest {

  private static final int FIN = 0x80;
  private static final int CONTINUATION = 0x0;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int PONG = 0xA;

  private static final String PATH = "/ws/chat/s1";
  private static final String HEAD = "GET " + PATH + " HTTP/1.1\r\nHost: localhost\r\n";
  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  private static final String UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
  private static final byte[] PING_MESSAGE = "{\"type\":\"ping\"}".getBytes(UTF_8);

  private static RunningGateway gateway;
  private static TestSocket bystander;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start(
        new JsonObject().put("websocket", new JsonObject().put("sendTimeoutSeconds", 0.5)));
    gateway.session.answering(begin -> List.of(delta(begin, 0, "Hello"), completed(begin, 5)));
    bystander = gateway.socket("bystander");
  }

  @AfterAll
  static void stop() {
    bystander.close();
    await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
    gateway.close();
  }

  @AfterEach
  void nothingIsLeft() {
    await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).untilAsserted(() -> {
      assertThat(gateway.edge.connections()).isEqualTo(1);
      assertThat(gateway.edge.requests()).isZero();
    });
    bystander.say("still there?");
    assertThat(bystander.answer()).isEqualTo("Hello");
  }

  private static RawClient open() {
    return gateway.raw().upgrade(PATH);
  }

  /** With a mask that is not zero; the length in the form that is given: 7, 16 or 64 bits. */
  private static byte[] frame(int firstByte, int form, long length, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) firstByte);
    switch (form) {
      case 7 -> frame.put((byte) (0x80 | length));
      case 16 -> frame.put((byte) (0x80 | 126)).putShort((short) length);
      default -> frame.put((byte) (0x80 | 127)).putLong(length);
    }
    byte[] mask = {0x12, (byte) 0xF4, 0x7E, (byte) 0x81};
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i & 3]));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  private static byte[] frame(int firstByte, byte[] payload) {
    int form = payload.length < 126 ? 7 : payload.length < 65_536 ? 16 : 64;
    return frame(firstByte, form, payload.length, payload);
  }

  private static byte[] frame(int firstByte, String payload) {
    return frame(firstByte, payload.getBytes(UTF_8));
  }

  private static byte[] close(int code, byte... reason) {
    return frame(
        FIN | CLOSE,
        ByteBuffer.allocate(2 + reason.length)
            .putShort((short) code)
            .put(reason)
            .array());
  }

  private static byte[] all(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] times(int count, byte[] part) {
    byte[] all = new byte[count * part.length];
    for (int i = 0; i < count; i++) {
      System.arraycopy(part, 0, all, i * part.length, part.length);
    }
    return all;
  }

  static Stream<Arguments> violations() {
    byte[] none = {};
    byte[] halfCharacter = bytes('"', 0xC3);
    byte[] large = " ".repeat(200 * 1024).getBytes(UTF_8);
    return Stream.of(
        Arguments.of("a frame without a mask", 1002, bytes(0x81, 1, 'x')),
        Arguments.of("a close frame without a mask", 1002, bytes(0x88, 2, 0x03, 0xE8)),
        Arguments.of("reserved bit 1", 1002, frame(FIN | 0x40 | TEXT, "x")),
        Arguments.of("reserved bit 2", 1002, frame(FIN | 0x20 | TEXT, "x")),
        Arguments.of("reserved bit 3 on a ping", 1002, frame(FIN | 0x10 | PING, "x")),
        Arguments.of("a reserved opcode for data", 1002, frame(FIN | 0x3, "x")),
        Arguments.of("another reserved opcode for data", 1002, frame(FIN | 0x7, "x")),
        Arguments.of("a reserved opcode for control", 1002, frame(FIN | 0xB, none)),
        Arguments.of("another reserved opcode for control", 1002, frame(FIN | 0xF, none)),
        Arguments.of("a ping in fragments", 1002, frame(PING, "x")),
        Arguments.of("a close in fragments", 1002, frame(CLOSE, none)),
        Arguments.of("a ping of 126 bytes", 1002, frame(FIN | PING, "x".repeat(126))),
        Arguments.of("a pong of 70,000 bytes", 1002, frame(FIN | PONG, "x".repeat(70_000))),
        Arguments.of("a continuation of nothing", 1002, frame(FIN | CONTINUATION, "x")),
        Arguments.of(
            "a continuation after the end of a message",
            1002,
            all(frame(TEXT, "{"), frame(FIN | CONTINUATION, "}"), frame(CONTINUATION, "x"))),
        Arguments.of(
            "a new message within a message",
            1002,
            all(frame(TEXT, "{"), frame(FIN | PING, none), frame(FIN | TEXT, "{}"))),
        Arguments.of(
            "binary within a text", 1002, all(frame(TEXT, "{"), frame(FIN | BINARY, "{}"))),
        Arguments.of(
            "a short length in 16 bits", 1002, frame(FIN | TEXT, 16, 2, "{}".getBytes(UTF_8))),
        Arguments.of(
            "a short length in 64 bits", 1002, frame(FIN | TEXT, 64, 2, "{}".getBytes(UTF_8))),
        Arguments.of("a length with its top bit set", 1002, frame(FIN | TEXT, 64, 1L << 63, none)),
        Arguments.of("a length of 2 GiB", 1009, frame(FIN | TEXT, 64, 1L << 31, none)),
        Arguments.of("the largest length", 1009, frame(FIN | BINARY, 64, Long.MAX_VALUE, none)),
        Arguments.of("a message of too many bytes", 1009, frame(FIN | TEXT, new byte[262_145])),
        Arguments.of(
            "fragments of too many bytes",
            1009,
            all(frame(TEXT, large), frame(FIN | CONTINUATION, large))),
        Arguments.of(
            "binary fragments of too many bytes",
            1009,
            all(frame(BINARY, large), frame(FIN | PING, "x"), frame(CONTINUATION, large))),
        Arguments.of("bad UTF-8", 1007, frame(FIN | TEXT, bytes('"', 0xC3, '"'))),
        Arguments.of("a surrogate in UTF-8", 1007, frame(FIN | TEXT, bytes(0xED, 0xA0, 0x80))),
        Arguments.of("an overlong slash", 1007, frame(FIN | TEXT, bytes(0xC0, 0xAF))),
        Arguments.of(
            "beyond Unicode's end", 1007, frame(FIN | TEXT, bytes(0xF4, 0x90, 0x80, 0x80))),
        Arguments.of("text that ends in a character", 1007, frame(FIN | TEXT, halfCharacter)),
        Arguments.of(
            "fragments that end in a character",
            1007,
            all(frame(TEXT, "{}"), frame(FIN | CONTINUATION, halfCharacter))),
        Arguments.of(
            "bad UTF-8 over two fragments",
            1007,
            all(frame(TEXT, halfCharacter), frame(FIN | CONTINUATION, "x"))),
        Arguments.of("bad UTF-8 in the reason for closing", 1007, close(1000, bytes(0xC3, 'x'))),
        Arguments.of("a close of one byte", 1002, frame(FIN | CLOSE, "x")));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("violations")
  @DisplayName("is closed by the status for what was wrong, and what follows is not read")
  void violation(String what, int closeCode, byte[] sent) {
    try (RawClient client = open()) {
      client.send(all(sent, frame(FIN | TEXT, PING_MESSAGE)));
      assertThat(client.closeCode()).isEqualTo(closeCode);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 32_768, 65_535})
  @DisplayName("is closed with 1002 for a close code that must not be sent")
  void badCloseCode(int code) {
    try (RawClient client = open().send(close(code))) {
      assertThat(client.closeCode()).isEqualTo(1002);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999})
  @DisplayName("gets the code back that it closes with, and the connection ends")
  void goodCloseCode(int code) {
    try (RawClient client = open().send(close(code, "bye ü".getBytes(UTF_8)))) {
      assertThat(client.closeCode()).isEqualTo(code);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  @DisplayName("that closes without a code and goes on sending is not listened to")
  void dataAfterClose() {
    int before = gateway.session.received().all(BeginTurn.class).size();
    try (RawClient client = open()) {
      client.send(all(
          frame(FIN | CLOSE, new byte[0]),
          frame(FIN | TEXT, "{\"type\":\"message\",\"content\":\"late\"}"),
          frame(FIN | PING, "x"),
          frame(0xFF, "x")));
      assertThat(client.closeCode()).isIn(1000, RawClient.NO_CODE);
      assertThat(client.readToEnd()).isEmpty();
    }
    assertThat(gateway.session.received().all(BeginTurn.class)).hasSize(before);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"after nothing, 0", "in a head, 1", "in a payload, 9", "after a message, 21"})
  @DisplayName("that says it has no more to send is let go")
  void halfClosed(String where, int sent) {
    byte[] message = frame(FIN | TEXT, PING_MESSAGE);
    try (RawClient client = open()) {
      client.send(Arrays.copyOf(message, sent)).endOutput();
      byte[] answer = client.readToEnd();
      assertThat(answer.length).isEqualTo(sent == 21 ? 17 : 0);
    }
  }

  @Test
  @DisplayName("that sends empty fragments without end costs nothing, and nobody waits for it")
  void emptyFragments() {
    byte[] many = times(10_000, frame(CONTINUATION, new byte[0]));
    try (RawClient client = open()) {
      client.send(frame(TEXT, "{\"type\":"));
      for (int i = 0; i < 50; i++) {
        client.send(many);
      }
      bystander.send(new JsonObject().put("type", "ping"));
      assertThat(bystander.next().getString("type")).isEqualTo("pong");
      client.send(frame(FIN | CONTINUATION, "\"ping\"}"));
      assertThat(client.read(17)).endsWith("{\"type\":\"pong\"}");
    }
  }

  @Test
  @DisplayName("that sends a frame byte by byte is understood")
  void byteByByte() {
    try (RawClient client = open()) {
      for (byte one : frame(FIN | TEXT, PING_MESSAGE)) {
        client.send(new byte[] {one});
      }
      assertThat(client.read(17)).endsWith("{\"type\":\"pong\"}");
    }
  }

  @Test
  @DisplayName("that answers pings that nobody sent is let be")
  void unaskedPongs() {
    try (RawClient client = open()) {
      client.send(times(1_000, frame(FIN | PONG, "x"))).send(frame(FIN | TEXT, PING_MESSAGE));
      assertThat(client.read(17)).endsWith("{\"type\":\"pong\"}");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "no Upgrade | 426 | Connection: Upgrade~{version}{key}",
        "another Upgrade | 426 | Upgrade: h2c~Connection: Upgrade~{version}{key}",
        "no Connection | 426 | Upgrade: websocket~{version}{key}",
        "another Connection | 426 | Upgrade: websocket~Connection: not-upgrade~{version}{key}",
        "no version | 426 | {upgrade}{key}",
        "an old version | 426 | {upgrade}Sec-WebSocket-Version: 8~{key}",
        "two versions | 426 | {upgrade}{version}Sec-WebSocket-Version: 8~{key}",
        "no key | 400 | {upgrade}{version}",
        "an empty key | 400 | {upgrade}{version}Sec-WebSocket-Key:~",
        "a key that is no Base64 | 400 | {upgrade}{version}Sec-WebSocket-Key: !!!~",
        "a key of 15 bytes | 400 | {upgrade}{version}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA~",
        "two keys | 400 | {upgrade}{version}{key}{key}",
        "a body | 400 | {upgrade}{version}{key}Content-Length: 5~",
        "a chunked body | 400 | {upgrade}{version}{key}Transfer-Encoding: chunked~",
      })
  @DisplayName("does not come about by a request with")
  void handshakes(String what, int status, String headers) {
    String lines = headers
        .replace("~", "\r\n")
        .replace("{upgrade}", UPGRADE)
        .replace("{version}", VERSION)
        .replace("{key}", KEY);
    try (RawClient client = gateway.raw().send(HEAD + lines + "\r\n")) {
      String answer = client.answer();
      assertThat(answer).startsWith("HTTP/1.1 " + status).contains("\"code\":\"E001\"");
      if (status == 426) {
        assertThat(answer.toLowerCase())
            .contains("upgrade: websocket", "sec-websocket-version: 13");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /ws/chat/s1 HTTP/1.0\r\nHost: localhost\r\n",
        "POST /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\n",
        "GET /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n",
        "GET /ws/chat/s1 HTTP/1.1\r\n"
      })
  @DisplayName("does not come about by another version or method of HTTP, nor without one Host")
  void requestLines(String head) {
    try (RawClient client = gateway.raw().send(head + UPGRADE + VERSION + KEY + "\r\n")) {
      assertThat(client.answer()).matches("(?s)HTTP/1.[01] 4(00|05|26) .*\"code\":\"E00[18]\".*");
    }
  }

  @Test
  @DisplayName(
      "comes about with headers in any case, in lists, and with extensions that are not ours")
  void unusualHandshake() {
    try (RawClient client = gateway
        .raw()
        .send(
            HEAD
                + "uPGRADE: WebSocket\r\nconnection: keep-alive, UPGRADE\r\n" + VERSION + KEY
                + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-own\r\n\r\n")) {
      assertThat(client.head())
          .startsWith("HTTP/1.1 101")
          .containsIgnoringCase("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
          .doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
      assertThat(client.send(frame(FIN | 0x40 | TEXT, "x")).closeCode()).isEqualTo(1002);
    }
  }

  @Test
  @DisplayName("that does not wait for the 101 is heard none the less")
  void framesWithTheHandshake() {
    byte[] handshake = (HEAD + UPGRADE + VERSION + KEY + "\r\n").getBytes(UTF_8);
    try (RawClient client = gateway.raw()) {
      client.send(all(handshake, frame(FIN | TEXT, PING_MESSAGE)));
      assertThat(client.head()).startsWith("HTTP/1.1 101");
      assertThat(client.read(17)).endsWith("{\"type\":\"pong\"}");
    }
    try (RawClient client = gateway.raw()) {
      client.send(all(handshake, close(1000)));
      assertThat(client.head()).startsWith("HTTP/1.1 101");
      assertThat(client.closeCode()).isEqualTo(1000);
    }
    try (RawClient client = gateway.raw()) {
      client.send(all(handshake, frame(FIN | 0x3, "x")));
      assertThat(client.head()).startsWith("HTTP/1.1 101");
      assertThat(client.closeCode()).isEqualTo(1002);
    }
  }

  @Test
  @DisplayName("that closes but keeps its connection and reads nothing is cut off")
  void closesWithoutReading() {
    byte[] pings = times(500, frame(FIN | PING, "x".repeat(125)));
    try (RawClient client = open()) {
      Thread flood = new Thread(() -> {
        try {
          for (int i = 0; i < 400; i++) {
            client.send(pings);
          }
          client.send(close(1000));
        } catch (UncheckedIOException cut) {
          // as it should be
        }
      });
      flood.setDaemon(true);
      flood.start();
      await()
          .atMost(Duration.ofSeconds(12))
          .untilAsserted(() -> assertThat(gateway.edge.connections()).isEqualTo(1));
    }
  }

  @Test
  @DisplayName("that closes behind pongs that it does not read is cut off, however many there are")
  void closesBehindPongs() {
    byte[] pings = times(100, frame(FIN | PING, "x".repeat(125)));
    List<RawClient> clients = IntStream.range(18, 34)
        .mapToObj(hundreds -> open().send(times(hundreds, pings)).send(close(1000)))
        .toList();
    await()
        .atMost(Duration.ofSeconds(12))
        .untilAsserted(() -> assertThat(gateway.edge.connections()).isEqualTo(1));
    clients.forEach(RawClient::close);
  }
}
