package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.config.XmlConfigBuilder;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("Nodes that run different kinds of verticle")
class RolesIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MOST_NODES = 6;

  @TempDir
  private Path home;

  private final List<NodeProcess> nodes = new ArrayList<>();
  private final List<ChatClient> clients = new ArrayList<>();

  @BeforeEach
  void writeFile() throws Exception {
    ClusterFile.forNodes(home, MOST_NODES);
  }

  @AfterEach
  void end() {
    clients.forEach(ChatClient::close);
    nodes.forEach(NodeProcess::close);
  }

  @Test
  @DisplayName(
      "answer once each kind is there, in whatever order they come; a second one of each takes the place of the first")
  void split(Vertx vertx) {
    NodeProcess gateway = start("gateway").awaitUp();
    ChatClient client = client(vertx, gateway.port());
    HttpAnswer ready = client.get("/ready");
    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.json().getString("message")).isEqualTo("No session verticle is there.");
    assertThat(client.chat("s", "Hello").json().getString("code")).isEqualTo("E110");

    NodeProcess provider = start("provider,gc");
    NodeProcess session = start("session");
    List.of(provider, session).forEach(NodeProcess::awaitUp);

    awaitReady(client, 3);
    assertThat(client.chat("s", "Hello").status()).isEqualTo(200);
    ChatClient supervisor = client(vertx, session.metricsPort());
    assertThat(supervisor.get("/health").json().getString("status")).isEqualTo("ok");
    assertThat(supervisor.get("/ready").status()).isEqualTo(200);
    assertThat(supervisor.get("/ready").json().getJsonObject("checks"))
        .isEqualTo(new JsonObject()
            .put("session_store", "cluster")
            .put("session", true)
            .put("provider", true)
            .put("cluster", 3));

    NodeProcess otherGateway = start("gateway");
    NodeProcess otherProvider = start("provider,gc");
    NodeProcess otherSession = start("session");
    List.of(otherGateway, otherProvider, otherSession).forEach(NodeProcess::awaitUp);
    ChatClient other = client(vertx, otherGateway.port());
    awaitReady(other, MOST_NODES);
    List<NodeProcess> first = List.of(provider, session, gateway);
    first.forEach(NodeProcess::terminate);
    first.forEach(each -> assertThat(each.exitCode(LIMIT)).as("" + each.lines()).isZero());

    assertThat(other.chat("s", "Still there?").status()).isEqualTo(200);
    assertThat(StoredTurns.texts(other, "s"))
        .startsWith("Hello")
        .contains("Still there?")
        .hasSize(4);
    assertThat(otherSession.lines())
        .noneMatch(line -> line.contains("ERROR") || line.startsWith("\tat "))
        .filteredOn(line -> line.contains(" has left; nodes now: "))
        .hasSize(3);
  }

  @Test
  @DisplayName(
      "are drained by an order to any of them: as by a signal, with 0, and the cluster is told")
  void drain(Vertx vertx) throws Exception {
    NodeProcess drained = start("gateway,session");
    NodeProcess staying = start("provider,gc");
    drained.awaitUp();
    staying.awaitUp();
    Vertx operator = join();
    try {
      List<JsonObject> changes = new CopyOnWriteArrayList<>();
      operator
          .eventBus()
          .<JsonObject>consumer("consoul.events.cluster", event -> changes.add(event.body()))
          .completion()
          .await(10, TimeUnit.SECONDS);

      JsonObject refused = order(operator, "nobody");
      assertThat(refused.getString("code")).isEqualTo("E003");
      assertThat(refused.encode()).contains("node is none of the cluster");
      String id = nodeId(drained);
      assertThat(order(operator, id).getString("change")).isEqualTo("draining");

      assertThat(drained.exitCode(LIMIT)).isZero();
      await()
          .atMost(LIMIT)
          .until(() -> changes.stream()
              .filter(change -> change.getString("node").equals(id))
              .map(change -> change.getString("change"))
              .distinct()
              .toList()
              .equals(List.of("draining", "left")));
      assertThat(staying.isAlive()).isTrue();
    } finally {
      operator.close().await(20, TimeUnit.SECONDS);
    }
  }

  @Test
  @DisplayName("leave it also where they are stopped while they start, or cannot start")
  void notUp() throws Exception {
    NodeProcess staying = start("provider,gc").awaitUp();
    try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      int port = mute.getLocalPort();
      NodeProcess stopped = start(
          "session",
          "CONSOUL_SESSION_REDIS_URL",
          "redis://127.0.0.1:" + port,
          "CONSOUL_REDIS_COMMAND_TIMEOUT",
          "60");
      NodeProcess failing = start("gateway,session", "CONSOUL_PORT", Integer.toString(port));
      await().atMost(LIMIT).until(() -> hasLine(stopped, "this is node "));
      stopped.terminate();

      assertThat(stopped.exitCode(LIMIT)).as("" + stopped.lines()).isZero();
      assertThat(failing.exitCode(LIMIT)).isEqualTo(1);
      assertThat(failing.lines())
          .filteredOn(line -> line.startsWith("Cannot listen on 127.0.0.1 port " + port))
          .hasSize(1);
      for (NodeProcess each : List.of(stopped, failing)) {
        String left = "node " + nodeId(each) + " at ";
        await()
            .atMost(LIMIT)
            .until(() -> staying.lines().stream()
                .anyMatch(line -> line.contains(left) && line.contains(" has left; ")));
        assertThat(each.lines()).noneMatch(line -> line.contains("could not stop cleanly"));
      }
    }
  }

  private static boolean hasLine(NodeProcess node, String part) {
    return node.lines().stream().anyMatch(line -> line.contains(part));
  }

  /** As the node's own log tells it. */
  private static String nodeId(NodeProcess node) {
    return node.lines().stream()
        .filter(line -> line.contains("this is node "))
        .map(line -> line.replaceAll(".*this is node (\\S+) .*", "$1"))
        .findFirst()
        .orElseThrow();
  }

  private static JsonObject order(Vertx operator, String node) throws Exception {
    return operator
        .eventBus()
        .<JsonObject>request("consoul.node.drain", new JsonObject().put("node", node))
        .await(10, TimeUnit.SECONDS)
        .body();
  }

  /** As another application, which docs/event-bus.md tells how to. */
  private Vertx join() throws Exception {
    Config config = new XmlConfigBuilder(home.resolve(ClusterFile.NAME).toString()).build();
    config.setLiteMember(true);
    return Vertx.builder()
        .with(new VertxOptions().setEventBusOptions(new EventBusOptions().setHost("127.0.0.1")))
        .withClusterManager(new HazelcastClusterManager(config))
        .buildClustered()
        .await(60, TimeUnit.SECONDS);
  }

  private static void awaitReady(ChatClient client, int nodes) {
    await().atMost(LIMIT).until(() -> {
      HttpAnswer ready = client.get("/ready");
      return ready.status() == 200
          && ready.json().getJsonObject("checks").getInteger("cluster") == nodes;
    });
  }

  private NodeProcess start(String verticles, String... more) {
    List<String> settings = new ArrayList<>(List.of("CONSOUL_VERTICLES", verticles));
    settings.addAll(List.of("CONSOUL_DRAIN_GRACE", "0")); // no balancer has to notice
    settings.addAll(List.of(more));
    NodeProcess node = NodeProcess.inCluster(
            home.resolve("node" + nodes.size()), home, settings.toArray(String[]::new))
        .start();
    nodes.add(node);
    return node;
  }

  private ChatClient client(Vertx vertx, int port) {
    ChatClient client = new ChatClient(vertx, port).withLimit(LIMIT);
    clients.add(client);
    return client;
  }
}
