package io.consoul.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.RedisSentinelServers;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("long")
@DisplayName("A link to Redis behind sentinels")
class RedisSentinelTest {

  private static final JsonObject SENTINEL = new JsonObject()
      .put("mode", "sentinel")
      .put("masterName", RedisSentinelServers.MASTER_NAME)
      .mergeIn(OpenedLink.IMPATIENT);
  private static final Duration FAILOVER = Duration.ofSeconds(30);

  @Test
  @DisplayName(
      "goes over to the new master when the old one was killed, and tells that it is another server")
  void failover() throws TimeoutException {
    try (RedisSentinelServers servers = RedisSentinelServers.start();
        OpenedLink opened = OpenedLink.to(servers.urls(), SENTINEL, OpenedLink.BRISK)) {
      opened.answer(opened.send(Command.SET, "key", "said"));
      await().until(() -> "said".equals(servers.replica().cli("GET", "key")));

      servers.master().kill();

      await()
          .atMost(FAILOVER)
          .until(() -> servers.masterPort() == servers.replica().port());
      await().atMost(FAILOVER).until(opened::works);
      assertThat(opened.answer(opened.send(Command.GET, "key"))).isEqualTo("said");
      await()
          .untilAsserted(() -> assertThat(opened.news).endsWith(new RedisHealth.Came(false, true)));
    }
  }

  @Test
  @DisplayName("leaves a master that hangs and is deposed, and does not go back when it wakes up")
  void hangingMaster() throws TimeoutException {
    try (RedisSentinelServers servers = RedisSentinelServers.start();
        OpenedLink opened = OpenedLink.to(servers.urls(), SENTINEL, OpenedLink.BRISK)) {
      await().until(opened::works);

      servers.master().pause();
      await()
          .atMost(FAILOVER)
          .until(() -> servers.masterPort() == servers.replica().port());
      await().atMost(FAILOVER).until(opened::works);
      servers.master().resume();

      await()
          .atMost(FAILOVER)
          .until(
              () -> servers.master().cli("INFO", "replication").toString().contains("role:slave"));
      await().atMost(FAILOVER).until(opened::works);
      opened.answer(opened.send(Command.SET, "key", "said"));
      assertThat(servers.replica().cli("GET", "key")).isEqualTo("said");
    }
  }

  @Test
  @DisplayName("follows a planned failover without an outage")
  void planned() throws TimeoutException {
    try (RedisSentinelServers servers = RedisSentinelServers.start();
        OpenedLink opened = OpenedLink.to(servers.urls(), SENTINEL, OpenedLink.BRISK)) {
      await().until(opened::works);

      servers.failOver();

      await()
          .atMost(FAILOVER)
          .until(() -> servers.masterPort() == servers.replica().port());
      await().atMost(FAILOVER).until(() -> {
        opened.works();
        return opened.news.contains(new RedisHealth.Came(false, true));
      });
      await().atMost(FAILOVER).until(opened::works);
    }
  }
}
