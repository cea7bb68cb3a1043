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
import io.vertx.junit5.VertxExtension;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("Two nodes in a cluster, without Redis")
class ClusterIT {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir
  private Path home;

  private final List<NodeProcess> nodes = new ArrayList<>();
  private final List<ChatClient> clients = new ArrayList<>();
  private FakeProvider openAi;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    openAi = FakeProvider.start(vertx).await(5, TimeUnit.SECONDS);
    ClusterFile.forTwo(home);
  }

  @AfterEach
  void end() {
    clients.forEach(ChatClient::close);
    nodes.forEach(NodeProcess::close);
  }

  @Test
  @DisplayName("see each other's turns, one at a time, and lose none when one is killed")
  void shared(Vertx vertx) {
    ChatClient one = node(vertx);
    ChatClient other = node(vertx);
    await()
        .atMost(LIMIT)
        .until(() -> one.get("/ready").json().getJsonObject("checks").getInteger("cluster") == 2);
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

    nodes.get(1).kill();

    // Until the copies have taken the place of what is gone, it may say that it cannot tell.
    await()
        .atMost(LIMIT)
        .until(() -> IntStream.range(0, 8)
            .allMatch(session -> one.get("/sessions/s" + session).status() == 200));
    for (int session = 0; session < 8; session++) {
      assertThat(StoredTurns.messages(one, "s" + session)).hasSize(8);
    }
    assertThat(StoredTurns.messages(one, "both")).hasSize(20);
    assertThat(one.get("/sessions").json().getJsonArray("sessions")).hasSize(9);
    assertThat(one.chat("s0", "Still there?").status()).isEqualTo(200);
  }

  @Test
  @DisplayName("keep what a killed one's turn had said, and take the next one within 6 s")
  void killedInMidTurn(Vertx vertx) {
    Promise<Void> never = Promise.promise();
    openAi.script(
        "killed", Script.text("half ", "whole").heldAfter(1, never.future()), Script.text("next"));
    ChatClient one = node(vertx);
    ChatClient other = node(vertx);
    one.post("/sessions", new JsonObject().put("session_id", "killed").put("model", "killed"));
    other.stream("killed", "Hello").awaitFirstToken();

    long killed = System.nanoTime();
    nodes.get(1).kill();
    one.stream("killed", "And now?").awaitFirstToken();
    Duration gap = Duration.ofNanos(System.nanoTime() - killed);
    System.out.println(
        "from the kill of a node to the first word of the next turn: " + gap.toMillis() + " ms");

    assertThat(gap).isLessThan(Duration.ofSeconds(6));
    await()
        .atMost(LIMIT)
        .until(() ->
            StoredTurns.texts(one, "killed").equals(List.of("Hello", "half ", "And now?", "next")));
  }

  @Test
  @DisplayName("leave one after the other with 0, and the one that stays has all")
  void stopped(Vertx vertx) {
    ChatClient one = node(vertx);
    ChatClient other = node(vertx);
    for (int session = 0; session < 8; session++) {
      assertThat(one.chat("s" + session, "Hello").status()).isEqualTo(200);
    }

    nodes.get(0).terminate();

    assertThat(nodes.get(0).exitCode(LIMIT)).isZero();
    for (int session = 0; session < 8; session++) {
      assertThat(StoredTurns.messages(other, "s" + session)).hasSize(2);
    }
  }

  @Test
  @DisplayName(
      "do not start without their file, or when its ports are in use, and say so in one line")
  void cannotJoin() throws Exception {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ClusterFile.write(home, used.getLocalPort(), 1);
      assertThat(startFails()).startsWith("Cannot join the cluster that cluster.xml describes: ");
    }
    Files.delete(home.resolve(ClusterFile.NAME));
    assertThat(startFails()).startsWith("Cannot join a cluster: there is no cluster.xml in ");
  }

  private String startFails() {
    NodeProcess node = NodeProcess.inCluster(home.resolve("failing"), home).start();
    nodes.add(node);
    assertThat(node.exitCode(LIMIT)).isEqualTo(1);
    return node.lines().get(node.lines().size() - 1);
  }

  private ChatClient node(Vertx vertx) {
    NodeProcess node = NodeProcess.inCluster(
            home.resolve("node" + nodes.size()),
            home,
            "OPENAI_BASE_URL",
            openAi.baseUrl(),
            "CONSOUL_MODEL_NAME",
            "fake")
        .start();
    nodes.add(node);
    ChatClient client = new ChatClient(vertx, node.awaitUp().port()).withLimit(LIMIT);
    clients.add(client);
    return client;
  }

  /** How many messages the model was sent last. */
  private int lastPrompt() {
    return openAi.requests().get(openAi.requests().size() - 1).messages().size();
  }
}
