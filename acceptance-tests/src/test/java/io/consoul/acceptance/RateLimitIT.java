package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Three nodes of a cluster with one rate limit, at ten times that")
class RateLimitIT {

  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final int NODES = 3;
  private static final int ALLOWED = 210;
  private static final int WINDOW_SECONDS = 6;

  /** Well within one window, also where answers come late. */
  private static final Duration OFFERING = Duration.ofSeconds(3);

  private static final int TEN_TIMES = 10 * ALLOWED;

  private record Passed(int offered, long letThrough, long refused) {}

  @TempDir
  private Path home;

  private final Vertx vertx = Vertx.vertx();
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final List<ChatClient> clients = new ArrayList<>();
  private RedisServer redis;

  @BeforeEach
  void start() throws Exception {
    redis = RedisServer.start();
    ClusterFile.forNodes(home, NODES);
    for (int i = 0; i < NODES; i++) {
      nodes.add(NodeProcess.inCluster(
              home.resolve("node" + i),
              home,
              "CONSOUL_RATE_LIMIT_ENABLED",
              "true",
              "CONSOUL_DEFAULT_LIMITS",
              ALLOWED + " per " + WINDOW_SECONDS + " seconds",
              "CONSOUL_RATE_LIMIT_REDIS_URL",
              redis.url(),
              "CONSOUL_REDIS_FALLBACK_ENABLED",
              "true",
              "CONSOUL_REDIS_RECONNECT_INTERVAL",
              "1")
          .start());
    }
    for (NodeProcess node : nodes) {
      clients.add(new ChatClient(vertx, node.awaitUp().port()).withLimit(LIMIT));
    }
    clients.forEach(
        client -> await().atMost(LIMIT).until(() -> checks(client).getInteger("cluster") == NODES));
  }

  @AfterEach
  void end() throws Exception {
    nodes.forEach(NodeProcess::close);
    redis.close();
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  @DisplayName(
      "let the limit through together, give or take 1 %, and a share of it each while Redis is away")
  void oneLimit() {
    Passed together = offer();
    System.out.println("three nodes, " + ALLOWED + " allowed, counted in Redis: " + together);
    assertExact(together);

    redis.kill();
    clients.forEach(client -> await()
        .atMost(LIMIT)
        .until(() -> "degraded".equals(checks(client).getString("rate_limit_store"))));
    Passed apart = offer();
    System.out.println("three nodes, " + ALLOWED + " allowed, each for itself: " + apart);
    assertExact(apart);
  }

  @Test
  @Tag("long")
  @DisplayName("let the limit through in each of many windows")
  void manyWindows() {
    for (int i = 0; i < 6; i++) {
      Passed passed = offer();
      System.out.println("three nodes, " + ALLOWED + " allowed, window " + i + ": " + passed);
      assertExact(passed);
      await().pollDelay(Duration.ofSeconds(WINDOW_SECONDS)).atMost(LIMIT).until(() -> true);
    }
  }

  private static void assertExact(Passed passed) {
    assertThat(passed.offered).as("offered").isGreaterThan(3 * ALLOWED);
    assertThat(passed.letThrough)
        .as("let through")
        .isBetween(ALLOWED - ALLOWED / 100L, ALLOWED + ALLOWED / 100L);
    assertThat(passed.refused).isEqualTo(passed.offered - passed.letThrough);
  }

  /** Requests at an even pace, to one node after the other; a machine that cannot keep up offers less. */
  private Passed offer() {
    List<Future<HttpAnswer>> answers = new ArrayList<>();
    Promise<Void> offered = Promise.promise();
    long start = System.nanoTime();
    vertx.setPeriodic(5, timer -> {
      long elapsed = System.nanoTime() - start;
      if (elapsed >= OFFERING.toNanos()) {
        vertx.cancelTimer(timer);
        offered.complete();
        return;
      }
      long due = Math.min(TEN_TIMES, TEN_TIMES * elapsed / OFFERING.toNanos());
      for (int burst = 0; answers.size() < due && burst < 50; burst++) {
        int number = answers.size();
        answers.add(
            clients.get(number % NODES).begin(HttpMethod.GET, "/sessions/none", Map.of(), null));
      }
    });
    await().atMost(LIMIT).until(() -> offered.future().isComplete());
    await().atMost(LIMIT).until(() -> answers.stream().allMatch(Future::isComplete));
    return new Passed(answers.size(), count(answers, 404), count(answers, 429));
  }

  private static long count(List<Future<HttpAnswer>> answers, int status) {
    return answers.stream()
        .filter(answer -> answer.succeeded() && answer.result().status() == status)
        .count();
  }

  private static JsonObject checks(ChatClient client) {
    return client.get("/ready").json().getJsonObject("checks");
  }
}
