package io.consoul.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.core.EntryAdapter;
import com.hazelcast.core.EntryEvent;
import io.consoul.message.Addresses;
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
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("Nodes that run different kinds of verticle")
class RolesIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MOST_NODES = 6;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** Of the cluster that all tests but one share, each with nodes of its own besides. */
  @TempDir
  private static Path shared;

  private static NodeProcess staying;

  private final List<NodeProcess> nodes = new ArrayList<>();
  private final List<ChatClient> clients = new ArrayList<>();

  @BeforeAll
  static void startShared() throws Exception {
    ClusterFile.forNodes(shared, MOST_NODES);
    staying = node(shared, "staying", "provider,gc").start();
  }

  @AfterAll
  static void endShared() {
    staying.close();
  }

  @AfterEach
  void end() {
    clients.forEach(ChatClient::close);
    nodes.forEach(NodeProcess::close);
  }

  @Test
  @DisplayName(
      "answer once each kind is there, in whatever order they come; a second one of each takes the place of the first")
  void split(Vertx vertx, @TempDir Path home) throws Exception {
    ClusterFile.forNodes(home, MOST_NODES);
    NodeProcess gateway = start(home, "gateway").awaitUp();
    ChatClient client = client(vertx, gateway.port());
    HttpAnswer ready = client.get("/ready");
    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.json().getString("message")).isEqualTo("No session verticle is there.");
    assertThat(client.chat("s", "Hello").json().getString("code")).isEqualTo("E110");

    NodeProcess provider = start(home, "provider,gc");
    NodeProcess session = start(home, "session");
    List.of(provider, session).forEach(NodeProcess::awaitUp);

    awaitReady(client, 3);
    ChatClient supervisor = client(vertx, session.metricsPort());
    // What the gateway has heard the session's node need not have heard yet.
    awaitReady(supervisor, 3);
    assertThat(supervisor.get("/ready").json().getJsonObject("checks"))
        .isEqualTo(new JsonObject()
            .put("session_store", "cluster")
            .put("session", true)
            .put("provider", true)
            .put("cluster", 3));
    assertThat(supervisor.get("/health").json().getString("status")).isEqualTo("ok");
    PatientClient.chat(client, "s", "Hello");

    NodeProcess otherGateway = start(home, "gateway");
    NodeProcess otherProvider = start(home, "provider,gc");
    NodeProcess otherSession = start(home, "session");
    List.of(otherGateway, otherProvider, otherSession).forEach(NodeProcess::awaitUp);
    ChatClient other = client(vertx, otherGateway.port());
    ChatClient otherSupervisor = client(vertx, otherSession.metricsPort());
    List.of(other, otherSupervisor).forEach(each -> awaitReady(each, MOST_NODES));
    List<NodeProcess> first = List.of(provider, session, gateway);
    first.forEach(NodeProcess::terminate);
    first.forEach(each -> assertThat(each.exitCode(LIMIT)).as("" + each.lines()).isZero());

    // A node's process ends before the last of the others has been told.
    List.of(other, otherSupervisor).forEach(each -> awaitReady(each, 3));
    PatientClient.chat(other, "s", "Still there?");
    assertThat(StoredTurns.texts(other, "s"))
        .startsWith("Hello")
        .contains("Still there?")
        .hasSize(4);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(otherSession.lines())
            .filteredOn(line -> line.contains(" has left; nodes now: "))
            .hasSize(3));
    assertThat(otherSession.lines())
        .noneMatch(line -> line.contains("ERROR") || line.startsWith("\tat "));
  }

  @Test
  @DisplayName(
      "are drained by an order to any of them: as by a signal, with 0, and the cluster is told; they say again who listens")
  void drain(Vertx vertx) throws Exception {
    staying.awaitUp();
    NodeProcess drained = start(shared, "gateway,session").awaitUp();
    HazelcastClusterManager member = new HazelcastClusterManager(lite());
    Vertx operator = join(member);
    try {
      List<String> saidAgain = listenedAgain(member);
      List<JsonObject> changes = new CopyOnWriteArrayList<>();
      operator
          .eventBus()
          .<JsonObject>consumer("consoul.events.cluster", event -> changes.add(event.body()))
          .completion()
          .await(30, TimeUnit.SECONDS);

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
      // Whoever comes may have been away and have struck the others off.
      await().atMost(LIMIT).until(() -> saidAgain.contains(Addresses.EVENTS_NODE));
    } finally {
      operator.close().await(60, TimeUnit.SECONDS);
    }
  }

  @Test
  @DisplayName("leave it also where they are stopped while they start, or cannot start")
  void notUp() throws Exception {
    staying.awaitUp();
    try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      int port = mute.getLocalPort();
      NodeProcess stopped = start(
          shared,
          "session",
          "CONSOUL_SESSION_REDIS_URL",
          "redis://127.0.0.1:" + port,
          "CONSOUL_REDIS_COMMAND_TIMEOUT",
          "60");
      NodeProcess failing =
          start(shared, "gateway,session", "CONSOUL_PORT", Integer.toString(port));
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

  @Test
  @DisplayName("speak with nobody but members on Hazelcast's port")
  void membersOnly() throws Exception {
    staying.awaitUp();
    int port = Integer.parseInt(ownLine(staying).replaceAll(".* at [^ ]*:(\\d+);.*", "$1"));
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      client.setSoTimeout((int) LIMIT.toMillis());
      client.getOutputStream().write("CB2".getBytes(US_ASCII)); // as a Hazelcast client begins

      // "Not this protocol"; a port for everybody finds out who it is, and says nothing.
      assertThat(client.getInputStream().readNBytes(3)).asString(US_ASCII).isEqualTo("HZX");
    }
  }

  private static boolean hasLine(NodeProcess node, String part) {
    return node.lines().stream().anyMatch(line -> line.contains(part));
  }

  /** As the node's own log tells it. */
  private static String nodeId(NodeProcess node) {
    return ownLine(node).replaceAll(".*this is node (\\S+) .*", "$1");
  }

  private static String ownLine(NodeProcess node) {
    return node.lines().stream()
        .filter(line -> line.contains("this is node "))
        .findFirst()
        .orElseThrow();
  }

  private static JsonObject order(Vertx operator, String node) throws Exception {
    return operator
        .eventBus()
        .<JsonObject>request("consoul.node.drain", new JsonObject().put("node", node))
        .await(30, TimeUnit.SECONDS)
        .body();
  }

  /** Addresses on which somebody has begun to listen since. */
  private static List<String> listenedAgain(HazelcastClusterManager member) {
    List<String> addresses = new CopyOnWriteArrayList<>();
    EntryAdapter<String, Object> listener = new EntryAdapter<>() {
      @Override
      public void entryAdded(EntryEvent<String, Object> event) {
        addresses.add(event.getKey());
      }
    };
    member
        .getHazelcastInstance()
        .<String, Object>getMultiMap("__vertx.subs") // vertx-hazelcast's
        .addEntryListener(listener, false);
    return addresses;
  }

  /** Of another application, which docs/event-bus.md tells how to join. */
  private Config lite() throws Exception {
    return new XmlConfigBuilder(shared.resolve(ClusterFile.NAME).toString())
        .build()
        .setLiteMember(true);
  }

  private static Vertx join(HazelcastClusterManager member) throws Exception {
    return Vertx.builder()
        .with(new VertxOptions().setEventBusOptions(new EventBusOptions().setHost("127.0.0.1")))
        .withClusterManager(member)
        .buildClustered()
        .await(60, TimeUnit.SECONDS);
  }

  private static void awaitReady(ChatClient client, int nodes) {
    await().atMost(LIMIT).until(() -> {
      HttpAnswer ready = client.get("/ready");
      return ready.status() == 200
          && ready.json().getJsonObject("checks").getBoolean("provider")
          && ready.json().getJsonObject("checks").getInteger("cluster") == nodes;
    });
  }

  private NodeProcess start(Path home, String verticles, String... more) {
    NodeProcess node =
        node(home, verticles.replace(',', '-') + "-" + NUMBER.incrementAndGet(), verticles, more);
    nodes.add(node.start());
    return node;
  }

  private static NodeProcess node(Path home, String name, String verticles, String... more) {
    List<String> settings = new ArrayList<>(List.of("CONSOUL_VERTICLES", verticles));
    settings.addAll(List.of("CONSOUL_DRAIN_GRACE", "0")); // no balancer has to notice
    settings.addAll(List.of(more));
    return NodeProcess.inCluster(home.resolve(name), home, settings.toArray(String[]::new));
  }

  private ChatClient client(Vertx vertx, int port) {
    ChatClient client = new ChatClient(vertx, port).withLimit(LIMIT);
    clients.add(client);
    return client;
  }
}
