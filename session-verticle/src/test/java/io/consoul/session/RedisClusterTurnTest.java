package io.consoul.session;

import io.consoul.testkit.RedisClusterServers;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The store in a Redis Cluster")
class RedisClusterTurnTest extends TurnContract {

  private static RedisClusterServers cluster;

  @BeforeAll
  static void startCluster() {
    cluster = RedisClusterServers.start();
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Override
  StoreFixture open(JsonObject config) {
    return new RedisFixture(cluster, config);
  }

  @Override
  int manyTurns() {
    return 200;
  }
}
