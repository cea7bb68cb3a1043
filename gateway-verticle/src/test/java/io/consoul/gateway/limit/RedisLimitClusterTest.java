package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.RedisClusterServers;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("long")
@DisplayName("Charges in a Redis Cluster of three masters")
class RedisLimitClusterTest {

  private static final Window[] WINDOWS = {
    new Window(5, Duration.ofMinutes(1)),
    new Window(100, Duration.ofHours(1)),
    new Window(20_000, Duration.ofDays(1))
  };

  @Test
  @DisplayName("find all windows of a caller on one of them, and callers on all of them")
  void spread() {
    try (RedisClusterServers cluster = RedisClusterServers.start();
        CountingRedis counting = CountingRedis.moving(cluster)) {
      IntStream.range(0, 60).forEach(i -> {
        assertThat(counting.charge("caller" + i, 5, WINDOWS).admitted()).isTrue();
        assertThat(counting.charge("caller" + i, 1, WINDOWS).admitted()).isFalse();
      });
      assertThat(cluster.masters())
          .allMatch(master -> (Long) master.cli("DBSIZE") > 3 * WINDOWS.length);
    }
  }
}
