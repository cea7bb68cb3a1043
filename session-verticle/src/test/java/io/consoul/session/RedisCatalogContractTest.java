package io.consoul.session;

import io.consoul.testkit.RedisServer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The catalog of the sessions in Redis, like any other,")
class RedisCatalogContractTest extends CatalogContract {

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
  StoreFixture open(JsonObject config) {
    return new RedisFixture(redis, config);
  }
}
