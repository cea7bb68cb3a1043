package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.acceptance.NodeProcess;
import io.consoul.testkit.ChatClient;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("A node with Redis and a provider, after its first turn")
class ScrapeIT {

  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final String KEY = "a-key-for-the-scrape";

  @TempDir
  private Path home;

  @Test
  @DisplayName("has every metric that the dashboard and the alerts ask for, the JVM's too")
  void metrics(Vertx vertx) throws Exception {
    try (RedisServer redis = RedisServer.start();
        NodeProcess node = NodeProcess.onRedis(
                home,
                redis,
                "CONSOUL_API_KEYS",
                KEY,
                "OPENAI_API_KEY",
                "any",
                "CONSOUL_RATE_LIMIT_REDIS_URL",
                redis.url(),
                "CONSOUL_MODEL_NAME",
                "echo")
            .start()
            .awaitUp();
        ChatClient client =
            new ChatClient(vertx, node.port()).withLimit(LIMIT).withHeader("X-API-Key", KEY);
        ChatClient prometheus = new ChatClient(vertx, node.metricsPort()).withLimit(LIMIT)) {
      assertThat(client.chat("s", "Hello").status()).isEqualTo(200);

      // Tokens are counted when the turn is stored, which is about when its answer comes.
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(Queries.metrics()).isSubsetOf(read(prometheus)));
    }
  }

  private static Set<String> read(ChatClient prometheus) {
    return prometheus
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]")[0])
        .collect(Collectors.toSet());
  }
}
