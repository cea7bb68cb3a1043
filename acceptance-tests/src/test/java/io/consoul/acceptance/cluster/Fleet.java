package io.consoul.acceptance.cluster;

import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.ClusterFile;
import io.consoul.acceptance.NodeProcess;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.ProviderKind;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.Script;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The nodes of a cluster, on one Redis and in front of one model that repeats every question at its leisure. The model goes on
 * with an answer whose beginning it is given.
 */
final class Fleet implements AutoCloseable {

  /** Between two words of the model. */
  static final Duration PACE = Duration.ofMillis(40);

  private static final int FOREVER_SECONDS = 300;
  private static final Duration STARTING = Duration.ofSeconds(180);
  private static final Duration FORMING = Duration.ofSeconds(60);

  /** Longer than a turn waits for another one of its session: what is refused is refused by the server. */
  private static final Duration LIMIT = Duration.ofSeconds(40);

  private final Vertx vertx = Vertx.vertx();
  private final RedisServer redis = RedisServer.start();
  private final Path home;
  private final FakeProvider model;
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();
  private final Map<NodeProcess, ChatClient> clients = new HashMap<>();
  private boolean onRedis = true;

  private Fleet(Path home) throws Exception {
    this.home = home;
    this.model = FakeProvider.start(vertx).await(30, TimeUnit.SECONDS);
    model.answer(Script.echo().delayEach(PACE));
  }

  /** @param most nodes that there will be */
  static Fleet of(Path home, int most) throws Exception {
    Fleet fleet = new Fleet(home);
    ClusterFile.forNodes(home, most);
    return fleet;
  }

  /** One whose nodes have files of their own that say how they reach each other. */
  static Fleet ofOwnFiles(Path home) throws Exception {
    return new Fleet(home);
  }

  /** The nodes that are made from now on keep the sessions themselves. */
  Fleet withoutRedis() {
    onRedis = false;
    return this;
  }

  /** A variable of all nodes that are made from now on. */
  Fleet set(String variable, String value) {
    settings.addAll(List.of(variable, value));
    return this;
  }

  /** Silence of a node is no sign of its end: neither to the cluster nor, for so long, to the gateways that listen to its turns. */
  Fleet forgiveSilence(int seconds) throws IOException {
    ClusterFile.forgiveSilence(home, FOREVER_SECONDS);
    return set("CONSOUL_TURN_SILENCE_TIMEOUT", "" + seconds);
  }

  /** A node with these kinds of verticles, or with all where none is named. It is not started. */
  NodeProcess node(String... kinds) {
    return node(home, kinds);
  }

  /** @param file folder of the cluster's file */
  NodeProcess node(Path file, String... kinds) {
    return nodeAlone(kinds).inCluster(file);
  }

  /** One that is in no cluster. */
  NodeProcess nodeAlone(String... kinds) {
    List<String> set = new ArrayList<>(List.of(
        ProviderKind.OLLAMA.variable(),
        model.baseUrl(ProviderKind.OLLAMA),
        "CONSOUL_MODEL_NAME",
        "ollama/fake"));
    set.addAll(settings);
    if (kinds.length > 0) {
      set.addAll(List.of("CONSOUL_VERTICLES", String.join(",", kinds)));
    }
    Path folder = home.resolve("node" + nodes.size());
    String[] variables = set.toArray(String[]::new);
    NodeProcess node = onRedis
        ? NodeProcess.onRedis(folder, redis, variables)
        : NodeProcess.inMemory(folder, variables);
    nodes.add(node);
    return node;
  }

  /** Starts those that are not, all at once, and waits until those with a gateway are ready and know each other. */
  Fleet start(NodeProcess... gateways) {
    nodes.forEach(NodeProcess::start);
    nodes.forEach(Fleet::awaitUp);
    await("the cluster is formed")
        .atMost(FORMING)
        .ignoreExceptions()
        .until(() -> Arrays.stream(gateways)
            .allMatch(gateway -> isReady(gateway) && members(gateway) == nodes.size()));
    return this;
  }

  /** On a machine that is busy with all of them one may not get through to Redis in time; a supervisor starts it again. */
  private static void awaitUp(NodeProcess node) {
    await("a node is up").atMost(STARTING).until(() -> {
      if (node.hasGivenUpOnRedis()) {
        node.start();
      }
      return node.isUp();
    });
  }

  /** A turn at every gateway, so that the first of a test is not the first of a JVM. */
  Fleet warmUp(NodeProcess... gateways) {
    List<Crowd> crowds = new ArrayList<>();
    for (int i = 0; i < gateways.length; i++) {
      crowds.add(Crowd.ask("warm-" + i, 6, 5, Entrances.inTurn(List.of(client(gateways[i])))));
    }
    crowds.forEach(Crowd::awaitEnd);
    return this;
  }

  ChatClient client(NodeProcess gateway) {
    return clients.computeIfAbsent(
        gateway, node -> new ChatClient(vertx, node.port()).withLimit(LIMIT));
  }

  Entrances entrances(NodeProcess... gateways) {
    return Entrances.inTurn(Arrays.stream(gateways).map(this::client).toList());
  }

  FakeProvider model() {
    return model;
  }

  /** From now on an answer ends only when the test says so, if it is longer than that; what is taken over goes on. */
  Promise<Void> holdAfter(int words) {
    Promise<Void> release = Promise.promise();
    model.answer(Script.echo().delayEach(PACE).heldAfter(words, release.future()));
    return release;
  }

  /** From now on an answer comes at its pace until the test says that the rest may come at once. */
  Promise<Void> hurryLater() {
    Promise<Void> hurry = Promise.promise();
    model.answer(Script.echo().delayEach(PACE).hurriedBy(hurry.future()));
    return hurry;
  }

  RedisServer redis() {
    return redis;
  }

  /** How much of its answer is in Redis while it is being given; of one that has ended, none. */
  int journalled(Turn turn) {
    Object length =
        redis.cli("HGET", "consoul:session:{default:" + turn.session() + "}:l", "length");
    return length == null ? 0 : Integer.parseInt(length.toString());
  }

  Vertx vertx() {
    return vertx;
  }

  /** How often the model was asked this: once, and once more by every provider verticle that has taken the turn over. */
  int asked(Turn turn) {
    return (int) model.requests().stream()
        .filter(request -> request.lastUserText().equals(turn.message()))
        .count();
  }

  boolean isReady(NodeProcess gateway) {
    return client(gateway).get("/ready").status() == 200;
  }

  /** How many collections of expired sessions this node has led. */
  int collections(NodeProcess node) {
    return metric(node, "consoul_gc_runs_total");
  }

  /** How many turns the providers of this node are answering. */
  int answering(NodeProcess node) {
    return metric(node, "consoul_turns_in_progress");
  }

  private int metric(NodeProcess node, String name) {
    try (ChatClient metrics = new ChatClient(vertx, node.metricsPort()).withLimit(LIMIT)) {
      return metrics
          .get("/metrics")
          .text()
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
          .sum();
    }
  }

  /** How many nodes the cluster has, as this one sees it. */
  int members(NodeProcess gateway) {
    return client(gateway).get("/ready").json().getJsonObject("checks").getInteger("cluster");
  }

  /** Waits until this one sees so many, and returns when that was. */
  long awaitMembers(NodeProcess gateway, int count, Duration limit) {
    await("a cluster of " + count)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .atMost(limit)
        .ignoreExceptions()
        .until(() -> members(gateway) == count);
    return System.nanoTime();
  }

  /** Waits until every node has heard of so many: one that was away for a while knows less than the others for a moment. */
  void awaitMembersEverywhere(int count, Duration limit) {
    await("a cluster of " + count + " in everybody's eyes")
        .atMost(limit)
        .ignoreExceptions()
        .until(() -> nodes.stream().allMatch(node -> heardOfBy(node) == count));
  }

  private int heardOfBy(NodeProcess node) {
    try (ChatClient metrics = new ChatClient(vertx, node.metricsPort()).withLimit(LIMIT)) {
      HttpAnswer ready = metrics.get("/ready");
      // Where there is a gateway it tells that on its own port.
      return ready.status() == 404
          ? members(node)
          : ready.json().getJsonObject("checks").getInteger("cluster");
    }
  }

  /** Keeps what the nodes have said, for whoever has to find out. */
  void keepLogs(String name) throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "cluster-" + name));
    for (int i = 0; i < nodes.size(); i++) {
      Files.write(folder.resolve("node-" + i + ".log"), nodes.get(i).lines());
    }
  }

  @Override
  public void close() {
    nodes.stream().filter(NodeProcess::isStarted).forEach(NodeProcess::close);
    redis.close();
    vertx
        .close()
        .toCompletionStage()
        .toCompletableFuture()
        .orTimeout(30, TimeUnit.SECONDS)
        .join();
  }
}
