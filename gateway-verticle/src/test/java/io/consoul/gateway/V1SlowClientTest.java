package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.CompleteChat;
import io.consoul.message.Detach;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A slow client of a stream on /v1")
class V1SlowClientTest {

  private RunningGateway gateway;
  private LongText text;

  /** @param sendTimeout seconds for which a client may take nothing */
  private void start(double sendTimeout) {
    gateway = RunningGateway.start(
        new JsonObject().put("websocket", new JsonObject().put("sendTimeoutSeconds", sendTimeout)));
    gateway.session.completing(chat -> List.of());
  }

  @AfterEach
  void stop() {
    text.close();
    gateway.close();
  }

  private void provide(int length) {
    CompleteChat chat = gateway.session.received().await(CompleteChat.class);
    text = new LongText(gateway, chat.turn(), chat.listener()).say(length);
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
    start(0.5);
    try (RawClient client = connected()) {
      provide(100_000_000);
      gateway.session.received().await(Detach.class);
      assertThat(text.sent()).isLessThan(4_000_000);
      await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
      assertThat(client).isNotNull();
    }
  }

  @Test
  @DisplayName("that goes on reading gets everything")
  void slowReader() {
    start(5);
    int length = 1_024 * LongText.PIECE;
    try (RawClient client = connected()) {
      provide(length);
      StringBuilder got = new StringBuilder();
      while (got.indexOf("[DONE]", Math.max(0, got.length() - 70_000)) < 0) {
        got.append(client.read(64 * 1024, Duration.ofMillis(20)));
      }
      assertThat(got.chars().filter(c -> c == 'x').count()).isGreaterThanOrEqualTo(length);
      assertThat(text.sent()).isEqualTo(length);
    }
  }
}
