package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.Ports;
import io.consoul.testkit.ServerProcess;
import io.consoul.testkit.ServerProcess.Signal;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("A cluster to try out")
class TryoutIT {

  private static final Duration STARTING = Duration.ofSeconds(180);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir
  private Path temporary;

  private final List<ServerProcess> commands = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();

  /** A node as its line tells of it. */
  private record Node(ProcessHandle process, ChatClient client) {}

  @AfterEach
  void end() {
    nodes.forEach(node -> node.client().close());
    commands.forEach(ServerProcess::close);
    nodes.forEach(node -> node.process().destroyForcibly()); // also one that was left behind
  }

  @Test
  @DisplayName(
      "shares its sessions, goes on without a node that is killed, and ends whole on Ctrl-C")
  void wholeWay(Vertx vertx) throws Exception {
    ServerProcess command = start(Map.of(), "--nodes", "2");
    Node one = node(vertx, command, 1);
    Node other = node(vertx, command, 2);
    command.awaitLine("^Ctrl-C stops", LIMIT);
    await().atMost(LIMIT).until(() -> members(one) == 2 && members(other) == 2);
    assertThat(one.client().chat("me", "Hello").status()).isEqualTo(200);
    assertThat(StoredTurns.texts(other.client(), "me")).hasSize(2).first().isEqualTo("Hello");
    try (var left = Files.list(temporary)) {
      assertThat(left).isEmpty();
    }

    assertThat(command.lines()).contains("  kill -9 " + one.process().pid());
    one.process().destroyForcibly();

    command.awaitLine(
        "^node 1 \\(pid " + one.process().pid() + "\\) was killed; the others go on$", LIMIT);
    await().atMost(LIMIT).until(() -> other.client().get("/sessions/me").status() == 200);

    command.signal(ServerProcess.heedsInterrupts() ? Signal.INT : Signal.TERM);

    assertThat(command.exitCode(LIMIT)).isZero();
    assertThat(other.process().isAlive()).isFalse();
    assertThat(command.lines()).noneMatch(line -> line.contains("\tat "));
  }

  @Test
  @DisplayName("answers through three nodes where each has one kind of verticle")
  void split(Vertx vertx) throws Exception {
    ServerProcess command = start(Map.of(), "--nodes", "3", "--split");
    Node gateway = node(vertx, command, 1);
    MatchResult session = command.awaitLine(
        "^node 2  session  metrics http://\\S+:(\\d+)/?\\S*  pid (\\d+)$", STARTING);
    command.awaitLine("^node 3  provider  metrics http://\\S+  pid \\d+$", STARTING);
    await().atMost(LIMIT).until(() -> gateway.client().get("/ready").status() == 200);
    // What the gateway has heard the session's node need not have heard yet.
    Node sessions = node(vertx, session);
    await().atMost(LIMIT).until(() -> checks(sessions).getBoolean("provider"));

    PatientClient.chat(gateway.client(), "me", "Hello");

    command.signal(Signal.TERM);
    assertThat(command.exitCode(LIMIT)).isZero();
  }

  @Test
  @DisplayName("does not join another one, and leaves no node behind when it is killed itself")
  void two(Vertx vertx) {
    ServerProcess command = start(Map.of(), "--nodes", "1");
    ServerProcess otherCommand = start(Map.of(), "--nodes", "1", "--logs");
    Node one = node(vertx, command, 1);
    Node other = node(vertx, otherCommand, 1);
    assertThat(members(one)).isEqualTo(1);
    assertThat(members(other)).isEqualTo(1);

    command.signal(Signal.KILL);

    await().atMost(LIMIT).until(() -> !one.process().isAlive());
    assertThat(other.client().get("/health").status()).isEqualTo(200);

    other.process().destroy();

    otherCommand.awaitLine("^node 1 \\| .* stopped$", LIMIT);
    otherCommand.awaitLine("^node 1 \\(pid \\d+\\) has stopped$", LIMIT);
    assertThat(otherCommand.exitCode(LIMIT)).isEqualTo(1);
    assertThat(otherCommand.lines()).contains("No node is left.");
  }

  @Test
  @DisplayName("that cannot start says why, once, and ends with 1")
  void cannotStart() {
    ServerProcess command =
        start(Map.of("CONSOUL_METRICS_HOST", "192.0.2.1", "CONSOUL_MISTYPED", "1"), "--nodes", "2");

    assertThat(command.exitCode(STARTING)).isEqualTo(1);
    assertThat(command.lines())
        .hasSize(3)
        .anyMatch(line -> line.startsWith("warning: CONSOUL_MISTYPED is not known"))
        .anyMatch(line -> line.startsWith("node 1 | Cannot give metrics on 192.0.2.1 port 0: "))
        .contains("Node 1 could not start.");
  }

  private ServerProcess start(Map<String, String> environment, String... arguments) {
    List<String> line = new ArrayList<>(List.of(
        ServerProcess.java(),
        "-XX:+UseSerialGC",
        "-Djava.io.tmpdir=" + temporary,
        "-Dconsoul.home=" + Path.of(System.getProperty("consoul.home", "..")).toAbsolutePath(),
        "-jar",
        Path.of(System.getProperty("consoul.jar", "launcher/target/consoul.jar"))
            .toAbsolutePath()
            .toString(),
        "cluster",
        "--port",
        Integer.toString(Ports.free())));
    line.addAll(List.of(arguments));
    Map<String, String> all = new HashMap<>(environment);
    all.put("CONSOUL_RATE_LIMIT_ENABLED", "false");
    all.put("CONSOUL_DRAIN_GRACE", "0"); // no balancer has to notice
    ServerProcess command = ServerProcess.start(line, all, temporary);
    commands.add(command);
    return command;
  }

  private Node node(Vertx vertx, ServerProcess command, int number) {
    MatchResult line = command.awaitLine(
        "^node " + number + "  http://127\\.0\\.0\\.1:(\\d+)  metrics http://\\S+  pid (\\d+)$",
        STARTING);
    return node(vertx, line);
  }

  /** @param line with a port of HTTP, and the process */
  private Node node(Vertx vertx, MatchResult line) {
    ChatClient client = new ChatClient(vertx, Integer.parseInt(line.group(1))).withLimit(LIMIT);
    Node node = new Node(ProcessHandle.of(Long.parseLong(line.group(2))).orElseThrow(), client);
    nodes.add(node);
    return node;
  }

  private static int members(Node node) {
    return checks(node).getInteger("cluster");
  }

  private static JsonObject checks(Node node) {
    return node.client().get("/ready").json().getJsonObject("checks");
  }
}
