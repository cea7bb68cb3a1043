package io.consoul.session;

import io.consoul.testkit.RedisServer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("Whatever two instances do with one Redis, in whatever order")
class RedisTurnModelTest extends RedisTurnModel {

  private static RedisServer redis;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start("--appendonly", "no");
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @Override
  RedisFixture open(JsonObject config) {
    return new RedisFixture(redis, config, "one");
  }
}
