package io.consoul.acceptance.ledger;

import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.ClusterFile;
import io.consoul.acceptance.NodeProcess;
import io.consoul.acceptance.RedisConsole;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The nodes of a run and the Redis that they share, if they do. */
final class Servers implements AutoCloseable {

  private static final Duration HEALING = Duration.ofSeconds(90);

  private final boolean fallback;
  private final RedisServer redis;
  private final RedisConsole console;
  private final List<NodeProcess> nodes = new ArrayList<>();

  private Servers(LedgerPlan plan, Path folder) {
    fallback = plan.fallback();
    redis = redis(plan.store());
    console = redis == null ? null : new RedisConsole(redis);
    for (int i = 0; i < plan.nodes(); i++) {
      nodes.add(node(plan, folder.resolve("node-" + i)));
    }
    if (plan.clustered()) {
      formCluster(folder);
    }
  }

  private void formCluster(Path folder) {
    try {
      ClusterFile.forTwo(folder);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    nodes.forEach(node -> node.inCluster(folder));
  }

  static Servers start(LedgerPlan plan, Path folder) {
    Servers servers = new Servers(plan, folder);
    servers.nodes.forEach(NodeProcess::start);
    servers.nodes.forEach(NodeProcess::awaitUp);
    return servers;
  }

  private static RedisServer redis(LedgerPlan.Store store) {
    return switch (store) {
      case MEMORY -> null;
      case REDIS -> RedisServer.start();
      case FORGETFUL_REDIS -> RedisServer.start("--appendonly", "no");
    };
  }

  private NodeProcess node(LedgerPlan plan, Path folder) {
    String[] set = {
      "CONSOUL_ECHO_DELAY_MS",
      "4",
      "CONSOUL_REDIS_FALLBACK_ENABLED",
      Boolean.toString(plan.fallback())
    };
    return redis == null
        ? NodeProcess.inMemory(folder, set)
        : NodeProcess.onRedis(folder, redis, set);
  }

  List<NodeProcess> nodes() {
    return nodes;
  }

  RedisServer redis() {
    return redis;
  }

  RedisConsole console() {
    return console;
  }

  /** Waits until every node says that it is ready and, where there is a Redis, that it uses it. */
  void awaitWhole(Vertx vertx) {
    for (NodeProcess node : nodes) {
      try (ChatClient client = new ChatClient(vertx, node.port())) {
        await("node at " + node.port() + " is whole")
            .atMost(HEALING)
            .ignoreExceptions()
            .until(() -> {
              startAgain(node);
              return isWhole(client.get("/ready").json());
            });
      }
    }
  }

  /**
   * As a supervisor does with a node that has ended because it found no Redis.
   *
   * @return whether it had
   */
  static boolean startAgain(NodeProcess node) {
    boolean ended = node.hasGivenUpOnRedis();
    if (ended) {
      node.start();
    }
    return ended;
  }

  private boolean isWhole(JsonObject ready) {
    return "ready".equals(ready.getString("status"))
        && !(fallback
            && "degraded".equals(ready.getJsonObject("checks").getString("session_store")));
  }

  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
    if (redis != null) {
      redis.close();
    }
  }
}
