package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.EventStream;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.Ports;
import io.consoul.testkit.RawClient;
import io.consoul.testkit.Script;
import io.consoul.testkit.ServerProcess;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("Clients that never read")
class SlowClientsIT {

  private static final int CLIENTS = 200;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Of heap, for everything; the answers have no end. */
  private static final String HEAP = "-Xmx1g";

  /** Resident memory: what the kernel took of the answer is kept twice, for the turn and in its journal. */
  private static final long MOST_BYTES_PER_CLIENT = 3_400 * 1024;

  /** More than the client and both kernels hold together for one that has stopped to read. */
  private static final List<String> ANSWER =
      Collections.nCopies(1_024, "0123456789abcdef".repeat(256));

  @TempDir
  private Path conf;

  @Test
  @DisplayName(
      "cost a bounded amount of memory: their providers are paused, and others are served meanwhile")
  void boundedMemory(Vertx vertx) throws Exception {
    EndlessModel model = EndlessModel.start(vertx);
    int port = Ports.free();
    List<RawClient> clients = new ArrayList<>();
    try (ServerProcess server = start(port, model.baseUrl());
        ChatClient client = new ChatClient(vertx, port)) {
      server.awaitLine("Ctrl-C stops", Duration.ofSeconds(180));
      warmUp(client);
      long before = server.rssBytes().orElse(0);

      for (int i = 0; i < CLIENTS; i++) {
        clients.add(i % 2 == 0 ? eventStream(port, i) : socket(port, i));
      }
      await().atMost(LIMIT).until(() -> model.openStreams() == CLIENTS);
      long sent = sentWhenPaused(model, client);
      long settled = settled(() -> server.rssBytes().orElse(0));

      assertThat(model.openStreams()).isEqualTo(CLIENTS);
      System.out.printf(
          "%d clients that never read: %d KiB of resident memory each, %d KiB read for each%n",
          CLIENTS, (settled - before) / CLIENTS / 1024, sent / CLIENTS / 1024);
      assertThat(settled - before).isLessThan(CLIENTS * MOST_BYTES_PER_CLIENT);

      clients.forEach(RawClient::reset);
      await()
          .atMost(LIMIT)
          .until(() -> client.get("/health").json().getInteger("connections") == 0);
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  @Test
  @DisplayName(
      "are dropped after a while, a WebSocket with 1008; the turn is found again, whole and from where it was left")
  void dropped(Vertx vertx) throws Exception {
    FakeProvider openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    openAi.answer(Script.text(ANSWER));
    int port = Ports.free();
    try (ServerProcess server =
        start(port, openAi.baseUrl(), "CONSOUL_WEBSOCKET_SEND_TIMEOUT", "1")) {
      server.awaitLine("Ctrl-C stops", Duration.ofSeconds(180));
      try (ChatClient client = new ChatClient(vertx, port);
          SocketClient socket = client.connect("me").pauseAt("token")) {
        socket.say("Hello");
        String turn = socket.await("token").getJsonObject("data").getString("turn_id");
        await()
            .atMost(LIMIT)
            .until(() -> client.get("/health").json().getInteger("connections") == 0);
        socket.resume().awaitClose();
        assertThat(socket.closeCode()).isIn(1006, 1008);

        String had = socket.text(turn);
        String whole = String.join("", ANSWER);
        assertThat(had.length()).isLessThan(whole.length());
        EventStream found = client.follow(turn, turn + ":" + had.length()).awaitEnd();
        String rest = found.events("token").stream()
            .map(token -> token.json().getString("text"))
            .collect(Collectors.joining());
        assertThat(had + rest).isEqualTo(whole);
      }
    }
  }

  @Test
  @DisplayName("of a large plain answer cost as much as the answer, and are dropped after a while")
  void plainAnswers(Vertx vertx) throws Exception {
    int port = Ports.free();
    int metricsPort = Ports.free();
    List<RawClient> clients = new ArrayList<>();
    try (ServerProcess server = start(
            port,
            "http://127.0.0.1:9/v1",
            "CONSOUL_WEBSOCKET_SEND_TIMEOUT",
            "2",
            "CONSOUL_RATE_LIMIT_ENABLED",
            "false",
            "CONSOUL_METRICS_PORT",
            "" + metricsPort);
        ChatClient client = new ChatClient(vertx, port);
        ChatClient metrics = new ChatClient(vertx, metricsPort).withLimit(LIMIT)) {
      server.awaitLine("Ctrl-C stops", Duration.ofSeconds(180));
      for (int i = 0; i < 20; i++) {
        client.post("/chat", turn("long", "x".repeat(30_000)).put("model", "echo"));
      }
      int page = client.get("/sessions/long/messages?limit=1000").text().length();
      assertThat(page).isGreaterThan(1_000_000);
      long before = server.rssBytes().orElse(0);
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(longPage(port));
      }
      long[] most = {0};
      for (int i = 0; i < CLIENTS; i++) {
        awaitAnswer(clients, i, port);
        most[0] = Math.max(most[0], server.rssBytes().orElse(0));
      }
      await().atMost(LIMIT).until(() -> {
        most[0] = Math.max(most[0], server.rssBytes().orElse(0));
        return slowClients(metrics) >= CLIENTS;
      });
      System.out.printf(
          "%d clients that never read an answer of %d KiB: %d KiB of resident memory each%n",
          CLIENTS, page / 1024, (most[0] - before) / CLIENTS / 1024);
      assertThat(most[0] - before).isLessThan(CLIENTS * MOST_BYTES_PER_CLIENT);
      assertThat(client.get("/health").status()).isEqualTo(200);
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  /** What the model was rid of when nothing more was asked of it for a second, in which others were answered. */
  private static long sentWhenPaused(EndlessModel model, ChatClient client) {
    long[] last = {0};
    await().atMost(LIMIT).pollInterval(Duration.ofSeconds(1)).untilAsserted(() -> {
      long before = last[0];
      JsonObject chat =
          client.post("/chat", turn("good", "Hello").put("model", "echo")).json();
      assertThat(chat.getString("response")).contains("Hello");
      last[0] = model.bytesSent();
      assertThat(last[0]).as("the providers are paused").isEqualTo(before);
    });
    return last[0];
  }

  private static double slowClients(ChatClient metrics) {
    return metrics
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("consoul_slow_clients_total "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static void warmUp(ChatClient client) {
    for (int i = 0; i < 50; i++) {
      client.post("/chat", turn("warm-" + i, "Hello").put("model", "echo"));
    }
  }

  private static RawClient eventStream(int port, int number) {
    return RawClient.connect(port, 4_096)
        .post("/chat/stream", turn("slow-" + number, "Hello").encode());
  }

  private static RawClient longPage(int port) {
    return RawClient.connect(port, 4_096).get("/sessions/long/messages?limit=1000");
  }

  /** So many at once may be too many for a busy machine, which tells some of them to come again. */
  private static void awaitAnswer(List<RawClient> clients, int number, int port) {
    await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> {
          boolean refused = isRefused(clients.get(number));
          if (refused) {
            clients.set(number, longPage(port)).close();
          }
          return !refused;
        });
  }

  /** Reads no more than the beginning of the answer. */
  private static boolean isRefused(RawClient client) {
    try {
      return client.readHead().startsWith("HTTP/1.1 503");
    } catch (UncheckedIOException cutOff) {
      return false; // an answer that it has not taken
    }
  }

  /** Says its message and then reads nothing. */
  private static RawClient socket(int port, int number) {
    byte[] message = new JsonObject()
        .put("type", "message")
        .put("content", "Hello")
        .encode()
        .getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[6 + message.length];
    frame[0] = (byte) 0x81;
    frame[1] = (byte) (0x80 | message.length);
    System.arraycopy(message, 0, frame, 6, message.length); // the mask is zero
    RawClient client = RawClient.connect(port, 4_096)
        .get(
            "/ws/chat/slow-" + number,
            "Connection: Upgrade\r\n",
            "Upgrade: websocket\r\n",
            "Sec-WebSocket-Version: 13\r\n",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    assertThat(client.readHead()).contains("101");
    return client.send(frame);
  }

  /** When it has not changed by a MiB for a second. */
  private static long settled(LongSupplier value) {
    long[] last = {0};
    await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofSeconds(1)).until(() -> {
      long now = value.getAsLong();
      boolean settled = Math.abs(now - last[0]) < 1024 * 1024;
      last[0] = now;
      return settled;
    });
    return last[0];
  }

  private static JsonObject turn(String session, String message) {
    return new JsonObject().put("session_id", session).put("message", message);
  }

  private ServerProcess start(int port, String baseUrl, String... more) {
    Map<String, String> environment = new HashMap<>(Map.of(
        "CONSOUL_PORT",
        "" + port,
        "CONSOUL_METRICS_PORT",
        "0",
        "CONSOUL_CONF",
        conf.toString(),
        "CONSOUL_RATE_LIMIT_ENABLED",
        "false",
        "CONSOUL_ECHO_DELAY_MS",
        "1",
        "CONSOUL_WEBSOCKET_SEND_TIMEOUT",
        "120",
        "OPENAI_BASE_URL",
        baseUrl,
        "CONSOUL_PROVIDER_MAX_CONNECTIONS",
        "" + CLIENTS,
        "CONSOUL_MODEL_NAME",
        "fake",
        "CONSOUL_MAX_ANSWER_SIZE",
        "" + (1 << 26)));
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return ServerProcess.start(
        List.of(
            ServerProcess.java(),
            "-XX:+UseSerialGC",
            HEAP,
            "-jar",
            System.getProperty("consoul.jar")),
        environment,
        conf);
  }
}
