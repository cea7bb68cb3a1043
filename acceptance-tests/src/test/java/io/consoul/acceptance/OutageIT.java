package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.ModelRequest;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("An outage of Redis, with fallback")
class OutageIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir
  private Path folder;

  private RedisServer redis;
  private FakeProvider openAi;
  private NodeProcess node;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    redis = RedisServer.start();
    openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    node = NodeProcess.onRedis(
            folder,
            redis,
            "CONSOUL_REDIS_FALLBACK_ENABLED",
            "true",
            "OPENAI_BASE_URL",
            openAi.baseUrl(),
            "CONSOUL_MODEL_NAME",
            "fake",
            "CONSOUL_REDIS_COMMAND_TIMEOUT", // a Redis that is only slow shall not count as away
            "15")
        .start()
        .awaitUp();
  }

  @AfterEach
  void end() {
    if (node != null) {
      node.close();
    }
    redis.close();
  }

  @Test
  @DisplayName(
      "costs no conversation its context, and all that was said in it is in Redis afterwards,"
          + " once and in order, also when the node was killed in it")
  void withoutAmnesia(Vertx vertx) {
    try (ChatClient client = new ChatClient(vertx, node.port()).withLimit(LIMIT);
        ChatClient metrics = new ChatClient(vertx, node.metricsPort()).withLimit(LIMIT)) {
      say(client, "One");
      say(client, "Two");
      assertThat(gauge(metrics, "consoul_redis_degraded")).isZero();

      redis.kill();
      say(client, "Three");
      assertThat(heard()).containsExactly("One", "You said: One", "Two", "You said: Two", "Three");
      await().atMost(LIMIT).until(() -> gauge(metrics, "consoul_redis_degraded") == 1);
      HttpAnswer ready = client.get("/ready");
      assertThat(ready.status()).isEqualTo(200);
      assertThat(ready.json().getString("message")).isEqualTo("Running in fallback mode");
      assertThat(ready.json().getJsonObject("checks").getString("session_store"))
          .isEqualTo("degraded");
      JsonObject four = say(client, "Four");
      assertThat(four.getString("history")).isNull();

      node.kill();
      node.start().awaitUp();
      JsonObject five = say(client, "Five");
      assertThat(five.getString("history")).isEqualTo("unavailable");
      assertThat(five.getBoolean("degraded")).isTrue();
      assertThat(heard())
          .containsExactly("Three", "You said: Three", "Four", "You said: Four", "Five");

      redis.restart();
      await()
          .atMost(LIMIT)
          .until(() -> client
              .get("/ready")
              .json()
              .getJsonObject("checks")
              .getString("session_store")
              .equals("redis"));
      await().atMost(LIMIT).until(() -> gauge(metrics, "consoul_redis_degraded") == 0);
      assertThat(gauge(metrics, "consoul_redis_recovered_total")).isEqualTo(1);
      say(client, "Six");
      List<String> all = List.of(
          "One",
          "You said: One",
          "Two",
          "You said: Two",
          "Three",
          "You said: Three",
          "Four",
          "You said: Four",
          "Five",
          "You said: Five",
          "Six",
          "You said: Six");
      assertThat(StoredTurns.textsAtOnce(client, "me")).isEqualTo(all);
      assertThat(heard()).isEqualTo(all.subList(0, all.size() - 1));
    }
  }

  private static JsonObject say(ChatClient client, String text) {
    HttpAnswer answer = client.chat("me", text);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.json().getString("response")).isEqualTo("You said: " + text);
    return answer.json();
  }

  /** What the model was given for the latest turn. */
  private List<String> heard() {
    List<ModelRequest> requests = openAi.requests();
    return requests.get(requests.size() - 1).messages().stream()
        .map(message -> message.getString("content"))
        .toList();
  }

  private static double gauge(ChatClient metrics, String name) {
    String text = metrics.get("/metrics").text();
    return Pattern.compile("(?m)^" + name + "(?:\\{.*})? ([0-9.eE+-]+)$")
        .matcher(text)
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in " + text));
  }
}
