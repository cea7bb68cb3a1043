package io.consoul.session;

import io.consoul.testkit.RedisClusterServers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;

@DisplayName("The collection of garbage in a Redis Cluster")
class RedisClusterSweepTest extends RedisSweepTest {

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
  RedisGround ground() {
    return new RedisGround(RedisFixture.section(cluster));
  }
}
