package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.Script;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever ends a node leaves it to the next test to start it again. */
@DisplayName("Two nodes in a cluster, without Redis")
class ClusterIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** A lease, and what a busy machine may need besides. */
  private static final Duration LEASE_OVER = Duration.ofSeconds(5 + 10);

  private static final List<NodeProcess> NODES = new ArrayList<>();
  private static final List<ChatClient> CLIENTS = new ArrayList<>();

  @TempDir
  private static Path home;

  private static Vertx vertx;
  private static FakeProvider openAi;

  @BeforeAll
  static void start() throws Exception {
    vertx = Vertx.vertx();
    openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    ClusterFile.forTwo(home);
    for (String name : List.of("one", "other")) {
      NodeProcess node = NodeProcess.inCluster(
          home.resolve(name),
          home,
          "OPENAI_BASE_URL",
          openAi.baseUrl(),
          "CONSOUL_MODEL_NAME",
          "fake",
          "CONSOUL_DRAIN_GRACE", // no balancer has to notice
          "0");
      NODES.add(node);
      CLIENTS.add(new ChatClient(vertx, node.port()).withLimit(LIMIT));
    }
  }

  @AfterAll
  static void end() throws Exception {
    CLIENTS.forEach(ChatClient::close);
    NODES.stream().filter(NodeProcess::isStarted).forEach(NodeProcess::close);
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  @DisplayName("see each other's turns, one at a time, and lose none when one is killed")
  void shared() {
    bothUp();
    ChatClient one = CLIENTS.get(0);
    ChatClient other = CLIENTS.get(1);
    assertThat(one.get("/ready").json().getJsonObject("checks").getString("session_store"))
        .isEqualTo("cluster");

    // Each has sessions that it holds, and those that the other does.
    for (int turn = 0; turn < 4; turn++) {
      for (int session = 0; session < 8; session++) {
        HttpAnswer answer = (turn + session) % 2 == 0
            ? one.chat("s" + session, "message " + turn)
            : other.chat("s" + session, "message " + turn);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(lastPrompt()).isEqualTo(2 * turn + 1);
      }
    }
    openAi.script("slow", Script.text("a ", "b").delayEach(Duration.ofMillis(10)));
    one.post("/sessions", new JsonObject().put("session_id", "both").put("model", "slow"));
    List<Future<HttpAnswer>> answers = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      answers.add((i % 2 == 0 ? one : other).beginChat("both", "message " + i));
    }
    await().atMost(LIMIT).until(() -> answers.stream().allMatch(Future::isComplete));
    assertThat(answers).allMatch(answer -> answer.result().status() == 200);

    NODES.get(1).kill();

    // Until the copies have taken the place of what is gone, it may say that it cannot tell.
    await()
        .atMost(LIMIT)
        .until(() -> IntStream.range(0, 8)
            .allMatch(session -> one.get("/sessions/s" + session).status() == 200));
    for (int session = 0; session < 8; session++) {
      assertThat(StoredTurns.messages(one, "s" + session)).hasSize(8);
    }
    assertThat(StoredTurns.messages(one, "both")).hasSize(20);
    assertThat(one.get("/sessions?limit=100").json().getJsonArray("sessions").stream()
            .map(session -> ((JsonObject) session).getString("session_id")))
        .contains("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "both");
    assertThat(one.chat("s0", "Still there?").status()).isEqualTo(200);
  }

  @Test
  @DisplayName("keep what a killed one's turn had said, and take the next one after its lease")
  void killedInMidTurn() {
    bothUp();
    Promise<Void> never = Promise.promise();
    openAi.script(
        "killed", Script.text("half ", "whole").heldAfter(1, never.future()), Script.text("next"));
    ChatClient one = CLIENTS.get(0);
    ChatClient other = CLIENTS.get(1);
    one.post("/sessions", new JsonObject().put("session_id", "killed").put("model", "killed"));
    other.stream("killed", "Hello").awaitFirstToken();

    long killed = System.nanoTime();
    NODES.get(1).kill();
    one.stream("killed", "And now?").awaitFirstToken();
    Duration gap = Duration.ofNanos(System.nanoTime() - killed);
    System.out.println(
        "from the kill of a node to the first word of the next turn: " + gap.toMillis() + " ms");

    assertThat(gap).isLessThan(LEASE_OVER);
    await()
        .atMost(LIMIT)
        .until(() ->
            StoredTurns.texts(one, "killed").equals(List.of("Hello", "half ", "And now?", "next")));
  }

  @Test
  @DisplayName("leave one after the other with 0, and the one that stays has all")
  void stopped() {
    bothUp();
    ChatClient one = CLIENTS.get(0);
    ChatClient other = CLIENTS.get(1);
    for (int session = 0; session < 8; session++) {
      assertThat(one.chat("stopped" + session, "Hello").status()).isEqualTo(200);
    }

    NODES.get(0).terminate();

    assertThat(NODES.get(0).exitCode(LIMIT)).isZero();
    for (int session = 0; session < 8; session++) {
      assertThat(StoredTurns.messages(other, "stopped" + session)).hasSize(2);
    }
  }

  @Test
  @DisplayName(
      "do not start without their file, or when its ports are in use, and say so in one line")
  void cannotJoin(@TempDir Path alone) throws Exception {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ClusterFile.write(alone, used.getLocalPort(), 1);
      assertThat(lastWord(alone))
          .startsWith("Cannot join the cluster that cluster.xml describes: ");
    }
    Files.delete(alone.resolve(ClusterFile.NAME));
    assertThat(lastWord(alone)).startsWith("Cannot join a cluster: there is no cluster.xml in ");
  }

  /** Of a node that cannot start. */
  private static String lastWord(Path home) {
    try (NodeProcess node = NodeProcess.inCluster(home.resolve("failing"), home).start()) {
      assertThat(node.exitCode(LIMIT)).isEqualTo(1);
      return node.lines().get(node.lines().size() - 1);
    }
  }

  private static void bothUp() {
    for (NodeProcess node : NODES) {
      if (!node.isStarted() || !node.isAlive()) {
        node.start().awaitUp();
      }
    }
    CLIENTS.forEach(client -> await()
        .atMost(LIMIT)
        .until(() -> client.get("/ready").json().getJsonObject("checks").getInteger("cluster")
            == NODES.size()));
  }

  /** How many messages the model was sent last. */
  private static int lastPrompt() {
    return openAi.requests().get(openAi.requests().size() - 1).messages().size();
  }
}
