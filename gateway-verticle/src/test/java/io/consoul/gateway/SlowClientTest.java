package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.Alive;
import io.consoul.message.BeginTurn;
import io.consoul.message.Credit;
import io.consoul.message.Detach;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A slow client")
class SlowClientTest {

  private static final int PIECE = 1_024;

  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private RunningGateway gateway;

  @BeforeEach
  void start() {
    gateway = RunningGateway.start(
        new JsonObject().put("websocket", new JsonObject().put("sendTimeoutSeconds", 1)));
    gateway.session.accepting();
  }

  @AfterEach
  void stop() {
    stopped.set(true);
    gateway.close();
  }

  /** Sends text of this length as a provider would: within the window, and with signs of life. */
  private void provide(BeginTurn begin, int length) {
    Thread provider = new Thread(() -> {
      while (!stopped.get() && sent.get() < length) {
        int credited = gateway.session.received().all(Credit.class).stream()
            .mapToInt(Credit::upTo)
            .max()
            .orElse(0);
        if (sent.get() - credited + PIECE <= begin.listener().window()) {
          gateway.session.tell(begin, delta(begin, sent.getAndAdd(PIECE), "x".repeat(PIECE)));
        } else {
          gateway.session.tell(begin, new Alive(begin.turn(), 1));
          Thread.onSpinWait();
        }
      }
      gateway.session.tell(begin, completed(begin, length));
    });
    provider.setDaemon(true);
    provider.start();
  }

  private RawClient connected(String kind) {
    RawClient client = gateway.raw();
    if (kind.equals("WebSocket")) {
      return client.upgrade("/ws/chat/s1").text("{\"type\":\"message\",\"content\":\"hi\"}");
    }
    String body = body("hi").encode();
    return client.send("POST /chat/stream HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("that never reads holds up only its own window, and is dropped")
  @ValueSource(strings = {"WebSocket", "SSE"})
  void neverReads(String kind) {
    RawClient client = connected(kind);
    try {
      BeginTurn begin = gateway.session.received().await(BeginTurn.class);
      provide(begin, 100_000_000);
      gateway.session.received().await(Detach.class);
      assertThat(sent.get()).isLessThan(4_000_000);
      await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
      await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
    } finally {
      client.close();
    }
  }

  @Test
  @DisplayName("that begins to read again in time learns that it was too slow: 1008")
  void readsAgain() {
    try (RawClient client = connected("WebSocket")) {
      provide(gateway.session.received().await(BeginTurn.class), 100_000_000);
      int[] stalledAt = {-1};
      await().pollInterval(Duration.ofMillis(600)).until(() -> {
        boolean stands = sent.get() == stalledAt[0];
        stalledAt[0] = sent.get();
        return stands;
      });
      await().pollDelay(Duration.ofMillis(700)).until(() -> true);
      assertThat(client.closeCode()).isEqualTo(1008);
    }
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("that goes on reading gets everything")
  @ValueSource(strings = {"WebSocket", "SSE"})
  void slowReader(String kind) {
    int length = 4_096 * PIECE;
    try (RawClient client = connected(kind)) {
      provide(gateway.session.received().await(BeginTurn.class), length);
      StringBuilder got = new StringBuilder();
      while (got.indexOf("finish_reason", Math.max(0, got.length() - 70_000)) < 0) {
        got.append(client.read(64 * 1024, Duration.ofMillis(20)));
      }
      assertThat(got.chars().filter(c -> c == 'x').count()).isGreaterThanOrEqualTo(length);
      assertThat(sent.get()).isEqualTo(length);
    }
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("that floods without reading the answers is dropped")
  @ValueSource(strings = {"ping frames", "empty ping frames", "ping messages"})
  void flood(String kind) {
    byte[] frame = switch (kind) {
      case "ping frames" -> maskedFrame(0x89, "x".repeat(120));
      case "empty ping frames" -> maskedFrame(0x89, "");
      default -> maskedFrame(0x81, "{\"type\":\"ping\"}");
    };
    byte[] many = new byte[frame.length * 500];
    for (int i = 0; i < 500; i++) {
      System.arraycopy(frame, 0, many, i * frame.length, frame.length);
    }
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      Thread flood = new Thread(() -> {
        try {
          while (!stopped.get()) {
            client.send(many);
          }
        } catch (UncheckedIOException dropped) {
          // as it should be
        }
      });
      flood.setDaemon(true);
      flood.start();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
    }
  }

  private static byte[] maskedFrame(int firstByte, String payload) {
    byte[] text = payload.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[text.length + 6];
    frame[0] = (byte) firstByte;
    frame[1] = (byte) (0x80 | text.length);
    System.arraycopy(text, 0, frame, 6, text.length);
    return frame;
  }
}
