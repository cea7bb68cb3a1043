package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.ChatMessage;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A client of large answers")
class SlowReaderTest {

  private static final String LARGE = "x".repeat(1_000_000);
  private static final String READ =
      "GET /sessions/s1/messages HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private RunningGateway gateway;
  private String text = LARGE;

  @BeforeEach
  void start() {
    start(0.5);
  }

  /** @param sendTimeout seconds for which a client may take nothing */
  private void start(double sendTimeout) {
    gateway = RunningGateway.start(new JsonObject()
        .put(
            "websocket",
            new JsonObject().put("sendTimeoutSeconds", sendTimeout).put("maxBufferMessages", 10)));
    gateway.session.on(
        ReadMessages.class,
        read -> Future.succeededFuture(new MessagePage(
            read.session(),
            List.of(new MessagePage.Entry(
                ChatMessage.user(text),
                TurnId.mint(read.session(), gateway.node.random()),
                RunningGateway.SEALED,
                null,
                null,
                null)),
            null)));
    gateway.session.answering(
        begin -> List.of(delta(begin, 0, LARGE), completed(begin, LARGE.length())));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private int pagesRead() {
    return gateway.session.received().all(ReadMessages.class).size();
  }

  private void awaitDropped() {
    await().untilAsserted(() -> {
      assertThat(gateway.node.meters().counter("consoul_slow_clients").count()).isEqualTo(1);
      assertThat(gateway.edge.requests()).isZero();
      assertThat(gateway.edge.connections()).isZero();
    });
  }

  @ParameterizedTest(name = "{0} characters each")
  @DisplayName("that asks for more and more and reads none is not given more than is on its way")
  @ValueSource(ints = {1_000_000, 4_000})
  void pipelined(int length) {
    text = LARGE.substring(0, length);
    try (RawClient client = gateway.raw()) {
      client.send(READ.repeat(2_000));
      await().until(() -> pagesRead() > 0);
      awaitDropped();
      assertThat(pagesRead() * length).isLessThan(1_500_000);
    }
  }

  @Test
  @DisplayName("that asks for several at once and reads gets them all, in order")
  void pipelinedAndRead() {
    stop();
    start(15);
    try (RawClient client = gateway
        .raw()
        .send(READ.repeat(5) + "GET /health HTTP/1.1\r\n"
            + "Host: localhost\r\nConnection: close\r\n\r\n")) {
      for (int i = 0; i < 5; i++) {
        assertThat(client.answer()).startsWith("HTTP/1.1 200").contains(LARGE);
      }
      assertThat(client.answer()).contains("\"service\"");
    }
  }

  @Test
  @DisplayName("that lets more messages wait than it may is closed with 1008 at once")
  void tooManyWaiting() {
    byte[] wrong = {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, '?'};
    byte[] many = new byte[wrong.length * 2_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = wrong[i % wrong.length];
    }
    try (RawClient client = gateway.raw().upgrade("/ws/chat/s1")) {
      // It has a second for it, so it reads before it has sent all.
      CompletableFuture<Integer> closed = CompletableFuture.supplyAsync(client::closeCode);
      client.send(many);
      assertThat(closed.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(1008);
    }
    awaitDropped();
  }

  @ParameterizedTest(name = "{0}")
  @DisplayName("that takes a byte now and then is no reader, and is dropped")
  @ValueSource(strings = {"WebSocket", "SSE", "HTTP"})
  void trickle(String kind) {
    try (RawClient client = asking(kind)) {
      Thread reader = new Thread(() -> {
        try {
          while (!client.read(1, Duration.ofMillis(50)).isEmpty()) {
            // a byte at a time
          }
        } catch (UncheckedIOException | AssertionError dropped) {
          // as it should be
        }
      });
      reader.setDaemon(true);
      reader.start();
      awaitDropped();
    }
  }

  private RawClient asking(String kind) {
    RawClient client = gateway.raw();
    String body = RunningGateway.body("hi").encode();
    return switch (kind) {
      case "WebSocket" ->
        client.upgrade("/ws/chat/s1").text("{\"type\":\"message\",\"content\":\"hi\"}");
      case "SSE" ->
        client.send("POST /chat/stream HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
            + body);
      default -> client.send(READ);
    };
  }
}
