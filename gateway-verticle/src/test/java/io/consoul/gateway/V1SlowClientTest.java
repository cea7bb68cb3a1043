package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.Alive;
import io.consoul.message.CompleteChat;
import io.consoul.message.Completed;
import io.consoul.message.Credit;
import io.consoul.message.Delta;
import io.consoul.message.Detach;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A slow client of a stream on /v1")
class V1SlowClientTest {

  private static final int PIECE = 1_024;

  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private RunningGateway gateway;

  @BeforeEach
  void start() {
    gateway = RunningGateway.start(
        new JsonObject().put("websocket", new JsonObject().put("sendTimeoutSeconds", 1)));
    gateway.session.completing(chat -> List.of());
  }

  @AfterEach
  void stop() {
    stopped.set(true);
    gateway.close();
  }

  /** Sends text of this length as a provider would: within the window, and with signs of life. */
  private void provide(CompleteChat chat, int length) {
    Thread provider = new Thread(() -> {
      while (!stopped.get() && sent.get() < length) {
        int credited = gateway.session.received().all(Credit.class).stream()
            .mapToInt(Credit::upTo)
            .max()
            .orElse(0);
        if (sent.get() - credited + PIECE <= chat.listener().window()) {
          Delta piece = new Delta(chat.turn(), 1, sent.getAndAdd(PIECE), "x".repeat(PIECE));
          gateway.tell(chat.listener(), piece);
        } else {
          gateway.tell(chat.listener(), new Alive(chat.turn(), 1));
          Thread.onSpinWait();
        }
      }
      Completed end = RunningGateway.completed(chat.turn(), 1, length);
      gateway.tell(chat.listener(), end);
    });
    provider.setDaemon(true);
    provider.start();
  }

  private RawClient connected() {
    String body = V1CompletionsTest.streamed().encode();
    return gateway
        .raw()
        .send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
            + body);
  }

  @Test
  @DisplayName("that never reads holds up only its own window, and is dropped")
  void neverReads() {
    try (RawClient client = connected()) {
      provide(gateway.session.received().await(CompleteChat.class), 100_000_000);
      gateway.session.received().await(Detach.class);
      assertThat(sent.get()).isLessThan(4_000_000);
      await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
      assertThat(client).isNotNull();
    }
  }

  @Test
  @DisplayName("that goes on reading gets everything")
  void slowReader() {
    int length = 1_024 * PIECE;
    try (RawClient client = connected()) {
      provide(gateway.session.received().await(CompleteChat.class), length);
      StringBuilder got = new StringBuilder();
      while (got.indexOf("[DONE]", Math.max(0, got.length() - 70_000)) < 0) {
        got.append(client.read(64 * 1024, Duration.ofMillis(20)));
      }
      assertThat(got.chars().filter(c -> c == 'x').count()).isGreaterThanOrEqualTo(length);
      assertThat(sent.get()).isEqualTo(length);
    }
  }
}
