package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Ports;
import io.consoul.testkit.RawClient;
import io.consoul.testkit.ServerProcess;
import io.consoul.testkit.SocketClient;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("WebSockets that say nothing")
class IdleSocketsIT {

  private static final long MOST_HEAP_EACH = 20 * 1024;
  private static final long MOST_RESIDENT_EACH = 48 * 1024;

  @TempDir
  private Path conf;

  @Test
  @DisplayName("connect all at once, cost little, have a limit, and leave nothing behind: 2,000")
  void twoThousand(Vertx vertx) throws Exception {
    hold(vertx, 2_000, Duration.ZERO);
  }

  @Test
  @Tag("long")
  @DisplayName("connect all at once, cost little, have a limit, and leave nothing behind: 10,000")
  void tenThousand(Vertx vertx) throws Exception {
    hold(vertx, 10_000, Duration.ofSeconds(65));
  }

  private void hold(Vertx vertx, int count, Duration time) throws Exception {
    int port = Ports.free();
    int metricsPort = Ports.free();
    try (ServerProcess server = start(port, metricsPort, count);
        ChatClient client = new ChatClient(vertx, port);
        ChatClient metrics = new ChatClient(vertx, metricsPort)) {
      server.awaitLine("Ctrl-C stops", Duration.ofSeconds(180));
      IdleSockets.open(port, 200).close();
      awaitConnections(metrics, 0);
      collect(server);
      long heap = heap(metrics);
      long resident = server.rssBytes().orElse(0);

      long begin = System.nanoTime();
      try (IdleSockets sockets = IdleSockets.open(port, count)) {
        long opening = (System.nanoTime() - begin) / 1_000_000;
        assertThat(sockets.opened()).isEqualTo(count);
        awaitConnections(metrics, count);
        assertRefused(port);
        assertThat(client.chat("other", "Hello").status()).isEqualTo(200);

        collect(server);
        long heapEach = (heap(metrics) - heap) / count;
        long residentEach = (server.rssBytes().orElse(0) - resident) / count;
        System.out.printf(
            "%d idle WebSockets: open after %d ms, %d bytes of heap and %d of resident memory each%n",
            count, opening, heapEach, residentEach);
        assertThat(heapEach).isLessThan(MOST_HEAP_EACH);
        assertThat(residentEach).isLessThan(MOST_RESIDENT_EACH);
        idle(server, sockets, time);
      }
      long killed = System.nanoTime();
      awaitConnections(metrics, 0);
      System.out.printf(
          "%d WebSockets whose clients died: gone after %d ms%n",
          count, (System.nanoTime() - killed) / 1_000_000);
      assertThat(client.get("/health").json().getInteger("connections")).isZero();
      try (SocketClient socket = client.connect("me")) {
        socket.say("Hello").await("done");
      }
    }
  }

  private static void idle(ServerProcess server, IdleSockets sockets, Duration time)
      throws IOException {
    if (time.isZero()) {
      return;
    }
    long before = cpuMillis(server);
    int pings = sockets.pings();
    await().pollDelay(time).atMost(time.plusSeconds(10)).until(() -> true);
    System.out.printf(
        "%d idle WebSockets for %d s: %d pings answered, %d ms of CPU%n",
        sockets.opened(), time.toSeconds(), sockets.pings() - pings, cpuMillis(server) - before);
    assertThat(sockets.pings() - pings).isGreaterThanOrEqualTo(sockets.opened());
  }

  private static void assertRefused(int port) {
    try (RawClient one = RawClient.connect(port)) {
      HttpAnswer answer = one.get(
              "/ws/chat/one-more",
              "Connection: Upgrade\r\n",
              "Upgrade: websocket\r\n",
              "Sec-WebSocket-Version: 13\r\n",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
          .answer();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.json().getString("code")).isEqualTo("E022");
    }
  }

  private static void awaitConnections(ChatClient metrics, int count) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> sum(metrics, "consoul_websocket_connections ") == count);
  }

  private static long heap(ChatClient metrics) {
    return (long) sum(metrics, "jvm_memory_used_bytes{area=\"heap\"");
  }

  private static double sum(ChatClient metrics, String start) {
    return metrics
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static void collect(ServerProcess server) throws Exception {
    String jcmd = Path.of(ServerProcess.java()).resolveSibling("jcmd").toString();
    Process collection = new ProcessBuilder(jcmd, "" + server.pid(), "GC.run")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    assertThat(collection.waitFor()).isZero();
  }

  /** User and system time; in ticks of 10 ms. */
  private static long cpuMillis(ServerProcess server) throws IOException {
    String stat = Files.readString(Path.of("/proc", "" + server.pid(), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return 10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
  }

  private ServerProcess start(int port, int metricsPort, int sockets) {
    return ServerProcess.start(
        List.of(
            ServerProcess.java(),
            "-XX:+UseSerialGC",
            "-Xmx512m",
            "-jar",
            System.getProperty("consoul.jar")),
        Map.of(
            "CONSOUL_PORT",
            "" + port,
            "CONSOUL_METRICS_PORT",
            "" + metricsPort,
            "CONSOUL_CONF",
            conf.toString(),
            "CONSOUL_ECHO_DELAY_MS",
            "1",
            "CONSOUL_RATE_LIMIT_ENABLED",
            "false",
            "CONSOUL_MAX_WEBSOCKET_CONNECTIONS",
            "" + sockets),
        conf);
  }
}
