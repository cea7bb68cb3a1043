package io.consoul.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.FakeProvider;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.RedisServer;
import io.consoul.testkit.Script;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
@DisplayName("A node on Redis")
class RedisIT {

  private static final Duration RECOVERY = Duration.ofSeconds(60);

  /** Longer than a busy machine needs for anything else. */
  private static final Duration COMMAND = Duration.ofSeconds(30);

  @TempDir
  private Path folder;

  private RedisServer redis;
  private NodeProcess node;

  @BeforeEach
  void start() {
    redis = RedisServer.start();
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
      "and its Redis are killed in mid-turn: what was acknowledged is there, the turn is kept"
          + " as interrupted with what was said, and the session goes on with it")
  void killed(Vertx vertx) throws Exception {
    FakeProvider openAi = FakeProvider.start(vertx).await(20, TimeUnit.SECONDS);
    Promise<Void> never = Promise.promise();
    openAi.answer(
        Script.text("First answer"),
        Script.text("half ", "whole").heldAfter(1, never.future()),
        Script.text("Third answer"));
    node = NodeProcess.onRedis(
            folder, redis, "OPENAI_BASE_URL", openAi.baseUrl(), "CONSOUL_MODEL_NAME", "fake")
        .start()
        .awaitUp();

    try (ChatClient client = new ChatClient(vertx, node.port()).withLimit(RECOVERY)) {
      assertThat(client.chat("me", "One").status()).isEqualTo(200);
      client.stream("me", "Two").awaitFirstToken();
      RedisConsole console = new RedisConsole(redis);
      await().until(() -> console.run("LLEN", "consoul:session:{default:me}:j").equals("1"));

      node.kill();
      redis.kill();
      redis.restart();
      node.start().awaitUp();

      assertThat(client.chat("me", "Three").json().getString("response")).isEqualTo("Third answer");
      assertThat(StoredTurns.texts(client, "me"))
          .containsExactly("One", "First answer", "Two", "half ", "Three", "Third answer");
      assertThat(StoredTurns.messages(client, "me").get(3).getString("finish_reason"))
          .isEqualTo("interrupted");
    }
    assertThat(openAi.requests().get(2).messages())
        .extracting(message -> message.getString("content"))
        .startsWith("One", "First answer", "Two", "half ")
        .endsWith("Three");
  }

  @Test
  @DisplayName(
      "without fallback refuses at once while Redis is down, and goes on by itself when it is back")
  void redisDown(Vertx vertx) {
    node = NodeProcess.onRedis(
            folder,
            redis,
            "CONSOUL_ECHO_DELAY_MS",
            "0",
            "CONSOUL_REDIS_COMMAND_TIMEOUT",
            Long.toString(COMMAND.toSeconds()))
        .start()
        .awaitUp();
    try (ChatClient client = new ChatClient(vertx, node.port()).withLimit(RECOVERY)) {
      assertThat(client.chat("me", "One").status()).isEqualTo(200);

      redis.kill();
      await().atMost(RECOVERY).until(() -> client.get("/ready").status() == 503);
      for (HttpAnswer answer : List.of(
          timely(() -> client.chat("me", "Two")),
          timely(() -> client.get("/sessions/me")),
          timely(() -> client.get("/sessions/me/messages")))) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().getString("code")).isEqualTo("E110");
        assertThat(answer.header("Retry-After")).matches("[1-9][0-9]*");
      }
      assertThat(client.get("/health").status()).isEqualTo(200);

      redis.restart();
      await().atMost(RECOVERY).until(() -> client.get("/ready").status() == 200);
      assertThat(client.chat("me", "Three").status()).isEqualTo(200);
      assertThat(StoredTurns.texts(client, "me"))
          .contains("One", "Three")
          .doesNotContain("Two")
          .hasSize(4);
    }
  }

  @Test
  @DisplayName(
      "ends with 1 and one clear line when Redis is dead at its start and there is no fallback")
  void deadAtStart() {
    redis.kill();
    node = NodeProcess.onRedis(folder, redis).start();

    assertThat(node.exitCode(RECOVERY)).isEqualTo(1);
    assertThat(node.lines())
        .anyMatch(line -> line.contains("Redis") && line.contains("" + redis.port()))
        .noneMatch(line -> line.contains("\tat ") || line.contains("Ctrl-C stops"));
  }

  /** Nobody waits for what is known to be away: a command would time out. */
  private static HttpAnswer timely(Supplier<HttpAnswer> request) {
    long start = System.nanoTime();
    HttpAnswer answer = request.get();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(COMMAND.dividedBy(2));
    return answer;
  }
}
