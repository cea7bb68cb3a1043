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
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Three nodes of a cluster with one rate limit, at ten times that")
class RateLimitIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int NODES = 3;
  private static final int ALLOWED = 210;

  /** All is offered well within one, also where a machine is late. */
  private static final int WINDOW_SECONDS = 60;

  /** Of which several are waited for. */
  private static final int SHORT_WINDOW_SECONDS = 6;

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
  void start(TestInfo test) throws Exception {
    int window = test.getTags().contains("long") ? SHORT_WINDOW_SECONDS : WINDOW_SECONDS;
    redis = RedisServer.start();
    ClusterFile.forNodes(home, NODES);
    for (int i = 0; i < NODES; i++) {
      nodes.add(NodeProcess.inCluster(
              home.resolve("node" + i),
              home,
              "CONSOUL_RATE_LIMIT_ENABLED",
              "true",
              "CONSOUL_DEFAULT_LIMITS",
              ALLOWED + " per " + window + " seconds",
              "CONSOUL_RATE_LIMIT_REDIS_URL",
              redis.url(),
              "CONSOUL_REDIS_FALLBACK_ENABLED",
              "true",
              "CONSOUL_REDIS_RECONNECT_INTERVAL",
              "1",
              "CONSOUL_REDIS_COMMAND_TIMEOUT", // a Redis that is only slow shall not count as away
              "15")
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
    vertx.close().await(30, TimeUnit.SECONDS);
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
      await().pollDelay(Duration.ofSeconds(SHORT_WINDOW_SECONDS)).atMost(LIMIT).until(() -> true);
    }
  }

  private static void assertExact(Passed passed) {
    assertThat(passed.offered).as("offered").isEqualTo(TEN_TIMES);
    assertThat(passed.letThrough)
        .as("let through")
        .isBetween(ALLOWED - ALLOWED / 100L, ALLOWED + ALLOWED / 100L);
  }

  /** Requests at an even pace, to one node after the other; a machine that cannot keep up takes longer. */
  private Passed offer() {
    List<Future<HttpAnswer>> answers = new ArrayList<>();
    Promise<Void> offered = Promise.promise();
    long start = System.nanoTime();
    vertx.setPeriodic(5, timer -> {
      long elapsed = System.nanoTime() - start;
      long due = Math.min(TEN_TIMES, TEN_TIMES * elapsed / OFFERING.toNanos());
      for (int burst = 0; answers.size() < due && burst < 50; burst++) {
        int number = answers.size();
        answers.add(
            clients.get(number % NODES).begin(HttpMethod.GET, "/sessions/none", Map.of(), null));
      }
      if (answers.size() == TEN_TIMES) {
        vertx.cancelTimer(timer);
        offered.complete();
      }
    });
    await().atMost(LIMIT).until(() -> offered.future().isComplete());
    await().atMost(LIMIT).until(() -> answers.stream().allMatch(Future::isComplete));
    assertThat(answers).allMatch(Future::succeeded);
    assertThat(answers)
        .extracting(answer -> answer.result().status())
        .as("let through, where there is no such session, or refused")
        .containsOnly(404, 429);
    long refused =
        answers.stream().filter(answer -> answer.result().status() == 429).count();
    return new Passed(answers.size(), answers.size() - refused, refused);
  }

  private static JsonObject checks(ChatClient client) {
    return client.get("/ready").json().getJsonObject("checks");
  }
}
