package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static io.consoul.gateway.RunningGateway.delta;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.testkit.LoggedBy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seeded, but what the server has got when a client dies is up to the network. */
@DisplayName("Clients that die at any point")
class DyingClientsTest {

  private static final int CLIENTS = 2_000;
  private static final int TLS_CLIENTS = 60;

  /** Seconds on a machine that does nothing else; one that is busy may take many times that. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final List<String> PATHS =
      List.of("/chat", "/chat/stream", "/v1/chat/completions", "/health");
  private static final String CHAT = body("hi").encode();

  private final AtomicInteger turns = new AtomicInteger();
  private RunningGateway gateway;

  private void start(JsonObject config) {
    gateway = RunningGateway.start(config.put("cors", new JsonObject()));
    gateway.session.onBegin(begin -> {
      int turn = turns.incrementAndGet();
      if (turn % 5 == 0) {
        return Future.failedFuture(Fault.SESSION_LOCKED.because());
      }
      Vertx.currentContext().runOnContext(replied -> {
        gateway.session.tell(begin, delta(begin, 0, "Hello"));
        if (turn % 2 == 0) {
          gateway.session.tell(begin, completed(begin, 5));
        }
      });
      return Future.succeededFuture(new Accepted(begin.turn(), 1, gateway.session.inbox()));
    });
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static String post(String path) {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: " + CHAT.length() + "\r\n\r\n" + CHAT;
  }

  private static String upgrade(String more) {
    return "GET /ws/chat/s1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\n" + more + "\r\n";
  }

  private static String frame(int first, String payload) {
    return (char) first + "" + (char) (0x80 | payload.length()) + "\0\0\0\0" + payload;
  }

  private static final List<String> SAID = List.of(
      post("/chat"),
      post("/chat").repeat(3),
      post("/chat/stream"),
      post("/chat/stream") + post("/chat"),
      post("/v1/chat/completions"),
      post("/chat/batch"),
      "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(4),
      "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "GET /health\r\n\r\n",
      upgrade(""),
      upgrade("") + frame(0x81, "{\"type\":\"message\",\"content\":\"hi\"}"),
      upgrade("") + frame(0x81, "{\"type\":\"message\",\"content\":\"hi\"}").repeat(4),
      upgrade("") + frame(0x81, "nonsense") + frame(0x83, "broken"),
      upgrade("") + frame(0x88, "\u0003\u00e8") + frame(0x81, "{\"type\":\"ping\"}"),
      upgrade("") + frame(0x89, "ping").repeat(5),
      upgrade("Content-Length: 5\r\n") + "hello",
      upgrade("Origin: null\r\n"));

  private void dies(Random random) {
    byte[] all = SAID.get(random.nextInt(SAID.size())).getBytes(StandardCharsets.ISO_8859_1);
    int end = random.nextInt(3) == 0 ? random.nextInt(all.length) : all.length;
    int pause = random.nextInt(all.length);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      socket.setSoTimeout(20);
      socket.getOutputStream().write(all, 0, Math.min(pause, end));
      if (end > pause) {
        socket.getOutputStream().write(all, pause, end - pause);
      }
      read(socket, random);
      if (random.nextInt(3) == 0) {
        socket.shutdownOutput();
        read(socket, random);
      }
      if (random.nextInt(2) == 0) {
        socket.setSoLinger(true, 0); // a reset
      }
    } catch (IOException refused) {
      // the server was quicker
    }
  }

  private static void read(Socket socket, Random random) throws IOException {
    if (random.nextInt(3) > 0) {
      try {
        socket.getInputStream().read(new byte[1 + random.nextInt(500)]);
      } catch (SocketTimeoutException nothing) {
        // as good a point as any
      }
    }
  }

  private void diesOverHttp2(Random random) {
    if (random.nextInt(10) == 0) {
      RawHttp2.silent(gateway.port()).close();
      return;
    }
    try (RawHttp2 client = RawHttp2.open(gateway.port(), random.nextInt(2) * 65_535)) {
      int requests = random.nextInt(30);
      for (int i = 0; i < requests; i++) {
        say(client, 2 * i + 1, random);
      }
      if (random.nextBoolean()) {
        client.get(2 * requests + 1, "/health").next();
      }
    } catch (UncheckedIOException refused) {
      // the server was quicker
    }
  }

  private static void say(RawHttp2 client, int stream, Random random) {
    String path = PATHS.get(random.nextInt(PATHS.size()));
    switch (random.nextInt(5)) {
      case 0 -> client.post(stream, path, CHAT).reset(stream);
      case 1 ->
        client.head(
            stream,
            RawHttp2.END_HEADERS,
            RawHttp2.block("POST", path, "content-type", "application/json"));
      case 2 -> client.get(stream, path);
      default -> client.post(stream, path, CHAT);
    }
  }

  private void run(int clients, Consumer<Random> client) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(24);
    for (int i = 0; i < clients; i++) {
      Random random = new Random(i);
      threads.execute(() -> client.accept(random));
    }
    threads.shutdown();
    assertThat(threads.awaitTermination(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** What stops says that it has nothing in progress. */
  private void nothingIsLeft() {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(Arrays.asList(
                gateway.edge.httpConnections(),
                gateway.edge.requests(),
                gateway.edge.sockets(),
                gateway.edge.streams()))
            .containsOnly(0));
    assertThat(turns.get()).isPositive();
    RunningGateway.get(gateway.stopping(Duration.ofHours(1)));
  }

  @Test
  @DisplayName("leave nothing behind: over HTTP/1, as streams, as WebSockets")
  void plain() throws Exception {
    start(new JsonObject());
    try (LoggedBy<?> netty =
        new LoggedBy<>(Class.forName("io.netty.channel.AbstractChannelHandlerContext"))) {
      run(CLIENTS, this::dies);
      nothingIsLeft();
      assertThat(netty.lines()).isEmpty();
    }
  }

  @Test
  @DisplayName("leave nothing behind: over HTTP/2")
  void http2(@TempDir Path folder) throws Exception {
    start(new JsonObject().put("tls", TestTls.in(folder).config()));
    run(TLS_CLIENTS, this::diesOverHttp2);
    nothingIsLeft();
  }
}
