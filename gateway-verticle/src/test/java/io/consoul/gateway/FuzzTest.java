package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayName("Whatever is sent, the gateway has an answer of its own:")
class FuzzTest {

  private final long seed = Long.getLong("consoul.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private RunningGateway gateway;
  private OpenApi api;

  @BeforeEach
  void start() {
    System.out.println("FuzzTest: -Dconsoul.seed=" + seed);
    gateway = RunningGateway.start();
    api = new OpenApi(gateway.vertx);
    ObligingSession.oblige(gateway.session);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  @DisplayName("to thousands of broken requests")
  void requests() {
    sendRequests(3_000);
  }

  @Test
  @DisplayName("to many thousands of broken requests")
  @Tag("long")
  void manyRequests() {
    sendRequests(100_000);
  }

  @Test
  @DisplayName("to broken messages on a WebSocket")
  void messages() {
    sendMessages(1_000);
  }

  @Test
  @DisplayName("to many broken messages on a WebSocket")
  @Tag("long")
  void manyMessages() {
    sendMessages(50_000);
  }

  private void sendRequests(int count) {
    FuzzRequests requests = new FuzzRequests(random, api);
    try (FuzzConnection connection = new FuzzConnection(gateway.port())) {
      for (int i = 0; i < count; i++) {
        FuzzRequests.Request request = requests.next();
        assertThat(complaint(connection, request))
            .as(() -> "seed " + seed + ", " + request.text())
            .isEmpty();
      }
    }
    assertHealthy();
  }

  private String complaint(FuzzConnection connection, FuzzRequests.Request request) {
    try {
      FuzzConnection.Answer answer =
          connection.exchange(request.method().equals("HEAD"), request.head(), request.body());
      if (answer.status() >= 500) {
        return "a failure of ours: " + answer.status() + " " + answer.body();
      }
      String complaint = api.judge(
          request.method(), request.path(), answer.status(), answer.headers(), answer.body());
      return complaint.isEmpty() ? request.verdict(answer) : complaint;
    } catch (AssertionError | RuntimeException failed) {
      return failed.toString();
    }
  }

  private void sendMessages(int count) {
    ValidBodies valid = new ValidBodies(random);
    BrokenBodies broken = new BrokenBodies(random);
    JsonObject schema = api.schemas().named("SocketClientMessage");
    try (TestSocket socket = gateway.socket("s1")) {
      for (int i = 0; i < count; i++) {
        Object message = valid.valueOf(schema);
        String text = switch (random.nextInt(4)) {
          case 0 -> BrokenBodies.encoded(message);
          case 1 -> broken.withRawValue(message);
          default -> BrokenBodies.encoded(broken.withOddValue(message));
        };
        // A longer one would rightly be the last one of its connection.
        if (text.getBytes(StandardCharsets.UTF_8).length <= SocketMessages.MAX_BYTES) {
          socket.send(text);
          assertAnswered(socket, text);
        }
      }
    }
    assertHealthy();
  }

  /** Up to the pong for a ping after it, everything that comes is of the protocol. */
  private void assertAnswered(TestSocket socket, String text) {
    socket.send("{\"type\":\"ping\",\"n\":1}");
    JsonObject answer;
    do {
      answer = socket.next();
      String complaint = api.schemas().strictComplaint("SocketServerMessage", answer);
      assertThat(complaint)
          .as("seed %d, %s answered by %s", seed, abbreviated(text), answer.encode())
          .isEmpty();
      if (answer.getString("type").equals("error")) {
        assertThat(answer.getJsonObject("data").getString("code"))
            .as("seed %d, %s", seed, abbreviated(text))
            .doesNotStartWith("E9");
      }
    } while (!answer.getString("type").equals("pong"));
  }

  private static String abbreviated(String text) {
    return text.length() <= 2_000 ? text : text.substring(0, 2_000) + "…";
  }

  private void assertHealthy() {
    assertThat(gateway.get("/health").statusCode()).isEqualTo(200);
    await().untilAsserted(() -> assertThat(gateway.edge.requests()).isZero());
    await().untilAsserted(() -> assertThat(gateway.edge.connections()).isZero());
    for (String path : List.of("/chat", "/chat/stream")) {
      assertThat(gateway.send(gateway.chat(path, RunningGateway.body("hi"))).statusCode())
          .isEqualTo(200);
    }
  }
}
