package io.consoul.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.config.ConfigReader;
import io.consoul.testkit.CutProxy;
import io.consoul.testkit.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The watches of a JVM")
class RedisWatchesTest {

  private static final RedisUse TEXTS =
      new RedisUse("texts", "keep texts", "the store of the texts", "TEXTS_REDIS_URL", "texts:");
  private static final RedisUse COUNTS = new RedisUse(
      "counts", "keep counts", "the store of the counts", "COUNTS_REDIS_URL", "counts:");

  private final Vertx vertx = Vertx.vertx();
  private final List<RedisLink> opened = new ArrayList<>();
  private RedisServer redis;

  @BeforeEach
  void start() {
    redis = RedisServer.start();
  }

  @AfterEach
  void stop() throws TimeoutException {
    for (RedisLink link : opened) {
      link.close().await(20, SECONDS);
    }
    vertx.close().await(20, SECONDS);
    redis.close();
  }

  @Test
  @DisplayName("are one for all instances with the same use, and end with the last of them")
  void shared() throws TimeoutException {
    RedisLink one = open(redis.url(), TEXTS);
    RedisLink other = open(redis.url(), TEXTS);
    assertThat(one.health()).isSameAs(other.health());

    close(one);
    assertThat(works(other)).isTrue();
    close(other);

    RedisLink next = open(redis.url(), TEXTS);
    assertThat(next.health()).isNotSameAs(other.health());
  }

  @Test
  @DisplayName("are one for each use: one that cannot reach its Redis says nothing about another's")
  void apart() throws TimeoutException {
    try (CutProxy proxy = CutProxy.to(redis.port())) {
      RedisLink texts = open(redis.url(), TEXTS);
      RedisLink counts = open(redis.url(), COUNTS);
      RedisLink cut = open(proxy.redisUrl(), COUNTS);
      assertThat(texts.health()).isNotSameAs(counts.health());

      proxy.refuse();

      await().until(() -> cut.health().isDown());
      assertThat(cut.health().unavailable()).hasMessageContaining("the store of the counts");
      assertThat(works(texts)).isTrue();
      assertThat(works(counts)).isTrue();
      assertThat(redis.cli("KEYS", "*:epoch").toString())
          .contains("texts:epoch")
          .contains("counts:epoch");
    }
  }

  private RedisLink open(String url, RedisUse use) throws TimeoutException {
    JsonObject section = new JsonObject()
        .put("url", url)
        .put("commandTimeoutSeconds", 20)
        .put("connectTimeoutSeconds", 10);
    RedisConfig config =
        ConfigReader.read(section, json -> RedisConfig.from(json, use.urlVariable()));
    RedisLink link = RedisLink.open(
            vertx, config, use, 1, new Random(), OpenedLink.CALM, new SimpleMeterRegistry())
        .await(20, SECONDS);
    opened.add(link);
    return link;
  }

  private void close(RedisLink link) throws TimeoutException {
    opened.remove(link);
    link.close().await(20, SECONDS);
  }

  private static boolean works(RedisLink link) throws TimeoutException {
    return link.send(Request.cmd(Command.PING))
        .map(pong -> true)
        .otherwise(false)
        .await(20, SECONDS);
  }
}
