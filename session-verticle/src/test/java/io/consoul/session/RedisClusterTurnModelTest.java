package io.consoul.session;

import io.consoul.testkit.RedisClusterServers;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("Whatever two instances do with a Redis Cluster, in whatever order")
class RedisClusterTurnModelTest extends RedisTurnModel {

  private static RedisClusterServers cluster;

  @BeforeAll
  static void startRedis() {
    cluster = RedisClusterServers.start();
  }

  @AfterAll
  static void stopRedis() {
    cluster.close();
  }

  @Override
  RedisFixture open(JsonObject config) {
    return new RedisFixture(cluster, config);
  }
}
