package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.BeginTurn;
import io.consoul.message.Detach;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A slow client")
class SlowClientTest {

  private final AtomicBoolean stopped = new AtomicBoolean();
  private RunningGateway gateway;
  private LongText text;

  /** @param sendTimeout seconds for which a client may take nothing */
  private void start(double sendTimeout) {
    gateway = RunningGateway.start(
        new JsonObject().put("websocket", new JsonObject().put("sendTimeoutSeconds", sendTimeout)));
    gateway.session.accepting();
  }

  @AfterEach
  void stop() {
    stopped.set(true);
    if (text != null) {
      text.close();
    }
    gateway.close();
  }

  private void provide(int length) {
    provide(1, length);
  }

  /** @param turn which one, from 1 on */
  private void provide(int turn, int length) {
    BeginTurn begin = gateway.session.received().await(BeginTurn.class, turn).get(turn - 1);
    text = new LongText(gateway, begin.turn(), begin.listener()).say(length);
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
    start(0.5);
    RawClient client = connected(kind);
    try {
      provide(100_000_000);
      gateway.session.received().await(Detach.class);
      assertThat(text.sent()).isLessThan(4_000_000);
      await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
      await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
    } finally {
      client.close();
    }
  }

  @Test
  @DisplayName("that begins to read again in time learns that it was too slow: 1008")
  void readsAgain() {
    start(0.5);
    int tries = 1;
    while (!learns(tries)) {
      assertThat(tries++).as("it was told nothing, again and again").isLessThan(4);
    }
  }

  /** A thread that was away for the second has missed it: the connection was cut. */
  private boolean learns(int turn) {
    try (RawClient client = connected("WebSocket")) {
      provide(turn, 100_000_000);
      await()
          .pollInterval(Duration.ofMillis(10))
          .until(() -> gateway.node.meters().counter("consoul_slow_clients").count() == turn);
      return client.closeCode() == 1008;
    } catch (UncheckedIOException cut) {
      return false;
    } finally {
      text.close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("that goes on reading gets everything")
  @ValueSource(strings = {"WebSocket", "SSE"})
  void slowReader(String kind) {
    start(5);
    int length = 1_024 * LongText.PIECE;
    try (RawClient client = connected(kind)) {
      provide(length);
      StringBuilder got = new StringBuilder();
      while (got.indexOf("finish_reason", Math.max(0, got.length() - 70_000)) < 0) {
        got.append(client.read(64 * 1024, Duration.ofMillis(20)));
      }
      assertThat(got.chars().filter(c -> c == 'x').count()).isGreaterThanOrEqualTo(length);
      assertThat(text.sent()).isEqualTo(length);
    }
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("that floods without reading the answers is dropped")
  @ValueSource(strings = {"ping frames", "empty ping frames", "ping messages"})
  void flood(String kind) {
    start(0.5);
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
