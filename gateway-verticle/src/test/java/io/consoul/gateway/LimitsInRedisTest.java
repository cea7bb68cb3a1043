package io.consoul.gateway;

import static io.consoul.gateway.RunningGateway.body;
import static io.consoul.gateway.RunningGateway.completed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.message.BeginTurn;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A gateway whose rate limits are in Redis")
class LimitsInRedisTest {

  private static final Duration LIMIT = Duration.ofSeconds(15);

  private RedisServer redis;
  private RunningGateway gateway;

  @BeforeEach
  void startRedis() {
    redis = RedisServer.start();
  }

  @AfterEach
  void stop() {
    gateway.close();
    redis.close();
  }

  private RunningGateway start(String limits, boolean fallback) {
    return start(limits, fallback, new JsonObject());
  }

  private RunningGateway start(String limits, boolean fallback, JsonObject more) {
    JsonObject redisSection = new JsonObject()
        .put("url", redis.url())
        .put("commandTimeoutSeconds", 20) // longer than any of its pauses
        .put(
            "fallback",
            new JsonObject().put("enabled", fallback).put("reconnectIntervalSeconds", 1));
    RunningGateway running = RunningGateway.start(more.put(
        "rateLimit", new JsonObject().put("defaultLimits", limits).put("redis", redisSection)));
    running.session.answering(begin -> List.of(completed(begin, 0)));
    return running;
  }

  private int status() {
    return gateway.postChat("hi").statusCode();
  }

  private JsonObject ready() {
    return new JsonObject(gateway.get("/ready").body());
  }

  private String store() {
    return ready().getJsonObject("checks").getString("rate_limit_store");
  }

  private double redisUp() {
    return redisUp(gateway);
  }

  private static double redisUp(RunningGateway gateway) {
    return gateway
        .node
        .meters()
        .get("consoul.redis.up")
        .tag("use", "rate_limit")
        .gauge()
        .value();
  }

  @Test
  @DisplayName("counts together with the others, and keeps names from whom they do not concern")
  void together() {
    gateway = start("4/hour", false);
    try (RunningGateway other = start("4/hour", false)) {
      for (int i = 0; i < 2; i++) {
        assertThat(status()).isEqualTo(200);
        assertThat(other.postChat("hi").statusCode()).isEqualTo(200);
      }
      assertThat(status()).isEqualTo(429);
      assertThat(other.postChat("hi").statusCode()).isEqualTo(429);
    }
    assertThat(store()).isEqualTo("redis");
    assertThat(redisUp()).isEqualTo(1);
    assertThat(redis.cli("KEYS", "*").toString())
        .contains("consoul:ratelimit:{")
        .doesNotContain("127.0.0.1");
  }

  @Test
  @DisplayName(
      "counts in memory while Redis is away, which a gateway without requests learns too, and in Redis again afterwards")
  void fallback() {
    gateway = start("3/hour", true);
    try (RunningGateway idle = start("3/hour", true)) {
      fallback(idle);
    }
  }

  private void fallback(RunningGateway idle) {
    for (int i = 0; i < 3; i++) {
      assertThat(status()).isEqualTo(200);
    }
    assertThat(status()).isEqualTo(429);

    redis.kill();
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> served = gateway.postChat("hi");
      assertThat(served.statusCode()).isEqualTo(200);
      assertThat(served.headers().firstValue("X-RateLimit-Remaining")).hasValue("" + (2 - i));
    }
    assertThat(status()).isEqualTo(429);
    await().atMost(LIMIT).until(() -> "degraded".equals(store()));
    assertThat(ready().getString("status")).isEqualTo("ready");
    assertThat(ready().getString("message")).isEqualTo("Running in fallback mode");
    assertThat(redisUp()).isZero();
    await().atMost(LIMIT).until(() -> redisUp(idle) == 0);

    redis.restart();
    redis.cli("FLUSHALL");
    await().atMost(LIMIT).until(() -> "redis".equals(store()));
    assertThat(redisUp()).isEqualTo(1);
    assertThat(status()).as("only Redis counts").isEqualTo(200);
  }

  @Test
  @DisplayName(
      "refuses what is limited while Redis is away and nothing stands in for it, and serves again")
  void refusing() {
    gateway = start("3/hour", false);
    assertThat(status()).isEqualTo(200);
    redis.kill();
    HttpResponse<String> refused = gateway.postChat("hi");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    JsonObject error = new JsonObject(refused.body());
    assertThat(error.getString("code")).isEqualTo("E110");
    assertThat(error.getString("message")).startsWith("the store of the rate limits");
    await().atMost(LIMIT).until(() -> "not_ready".equals(ready().getString("status")));
    assertThat(ready().getJsonObject("checks").getBoolean("redis")).isFalse();
    assertThat(ready().getString("message")).contains("rate limits");
    assertThat(gateway.get("/health").statusCode()).isEqualTo(200);
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("hi");
      assertThat(socket.next("error").getString("code")).isEqualTo("E110");
    }

    redis.restart();
    await().atMost(LIMIT).until(() -> "ready".equals(ready().getString("status")));
    assertThat(status()).isEqualTo(200);
  }

  @Test
  @DisplayName(
      "keeps the order of a socket's messages whose charges wait for Redis, and drops them with it")
  void order() {
    gateway = start("4/hour", false);
    redis.pause();
    try (TestSocket leaving = gateway.socket("s2")) {
      leaving.say("never begun");
    }
    try (TestSocket socket = gateway.socket("s1")) {
      for (int i = 0; i < 5; i++) {
        socket.say("message " + i);
      }
      await().untilAsserted(() -> assertThat(gateway.edge.connections()).isEqualTo(1));
      redis.resume();
      // A refusal does not wait for the answers before it.
      assertThat(Stream.generate(socket::next).limit(5).map(LimitsInRedisTest::outcome))
          .containsExactlyInAnyOrder("done", "done", "done", "E020", "E020");
      assertThat(gateway.session.received().all(BeginTurn.class))
          .extracting(BeginTurn::text)
          .as("the one that was dropped had been charged")
          .containsExactly("message 0", "message 1", "message 2");
    }
  }

  @Test
  @DisplayName(
      "answers nothing to a client that has gone while its charge waited for Redis, and begins nothing")
  void gone() {
    gateway = start("4/hour", false);
    redis.pause();
    String body = body("gone").encode();
    try (RawClient client = gateway.raw()) {
      client.send("POST /chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      await().until(() -> gateway.edge.requests() == 1);
    }
    await().until(() -> gateway.edge.requests() == 0);
    redis.resume();
    HttpResponse<String> next = gateway.postChat("here");
    assertThat(next.statusCode()).isEqualTo(200);
    assertThat(gateway.session.received().all(BeginTurn.class))
        .extracting(BeginTurn::text)
        .containsExactly("here");
  }

  @Test
  @DisplayName("cancels a message whose charge still waits for Redis, as soon as it has begun")
  void cancelled() {
    gateway = start("4/hour", false);
    gateway.session.on(
        CancelTurn.class, cancel -> Future.succeededFuture(new Cancelled(cancel.turn())));
    gateway.session.accepting();
    redis.pause();
    try (TestSocket socket = gateway.socket("s1")) {
      socket.say("to be cancelled");
      socket.send("{\"type\":\"cancel\"}");
      socket.send("{\"type\":\"ping\"}");
      assertThat(socket.next().getString("type")).isEqualTo("pong");
      redis.resume();
      BeginTurn begun = gateway.session.received().await(BeginTurn.class);
      assertThat(gateway.session.received().await(CancelTurn.class).turn()).isEqualTo(begun.turn());
      assertThat(gateway.session.received().all(CancelTurn.class)).hasSize(1);
    }
  }

  @Test
  @DisplayName(
      "takes a stream of HTTP/2 that is reset meanwhile for gone, and goes on with the others")
  void reset(@TempDir Path folder) {
    gateway =
        start("4/hour", false, new JsonObject().put("tls", TestTls.in(folder).config()));
    redis.pause();
    try (RawHttp2 client = RawHttp2.open(gateway.port(), 65_535)) {
      for (int stream = 1; stream <= 7; stream += 2) {
        client.post(stream, "/chat", body("of stream " + stream).encode());
      }
      await().until(() -> gateway.edge.requests() == 4);
      client.reset(1).reset(5);
      await().until(() -> gateway.edge.requests() == 2);
      redis.resume();
      assertThat(client.headers(3).status()).hasToString("200");
      assertThat(client.headers(7).status()).hasToString("200");
      client.post(9, "/chat", body("of stream 9").encode());
      assertThat(client.headers(9).status()).as("all four had been charged").hasToString("429");
    }
    assertThat(gateway.session.received().all(BeginTurn.class))
        .extracting(BeginTurn::text)
        .containsExactlyInAnyOrder("of stream 3", "of stream 7");
    await().until(() -> gateway.edge.requests() == 0);
  }

  private static String outcome(JsonObject message) {
    String type = message.getString("type");
    return type.equals("error") ? message.getJsonObject("data").getString("code") : type;
  }
}
