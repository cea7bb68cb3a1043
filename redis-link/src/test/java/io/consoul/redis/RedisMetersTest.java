package io.consoul.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.RedisServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The gauges of the connections to a Redis")
class RedisMetersTest {

  private final MeterRegistry meters = new SimpleMeterRegistry();

  @Test
  @DisplayName("tell which are in use and what waits, and are gone with the last who uses it")
  void connections() throws TimeoutException {
    try (RedisServer redis = RedisServer.start()) {
      try (OpenedLink opened =
          OpenedLink.to(redis.url(), new JsonObject(), OpenedLink.CALM, meters)) {
        assertThat(gauge("max")).isEqualTo(50);
        opened.probe("one").await(20, TimeUnit.SECONDS);
        await().until(() -> gauge("in_use") == 0 && gauge("idle") == 1);

        Future<Response> blocked = opened.send(Command.BLPOP, "nothing", "0");
        await().until(() -> gauge("in_use") == 1 && gauge("idle") == 0 && gauge("waiting") == 1);

        redis.cli("RPUSH", "nothing", "something");
        blocked.await(20, TimeUnit.SECONDS);
        await().until(() -> gauge("in_use") == 0 && gauge("idle") == 1 && gauge("waiting") == 0);

        opened.send(Command.BLPOP, "nothing", "0");
        await().until(() -> gauge("in_use") == 1);
        redis.cli("CLIENT", "KILL", "TYPE", "normal");
        await().until(() -> gauge("in_use") == 0 && gauge("waiting") == 0);
      }
      assertThat(meters.getMeters()).isEmpty();
    }
  }

  private double gauge(String what) {
    return meters
        .get("consoul_redis_connections_" + what)
        .tag("use", "texts")
        .gauge()
        .value();
  }
}
