package io.consoul.session;

import io.consoul.testkit.RedisClusterServers;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The store in a Redis Cluster, while a batch has a session to itself,")
class RedisClusterReservationTest extends ReservationContract {

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
  StoreFixture open(JsonObject config) {
    return new RedisFixture(cluster, config);
  }
}
