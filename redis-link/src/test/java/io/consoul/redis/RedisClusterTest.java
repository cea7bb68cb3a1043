package io.consoul.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.testkit.RedisClusterServers;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A link to a Redis Cluster")
class RedisClusterTest {

  private static final JsonObject CLUSTER = new JsonObject().put("mode", "cluster");

  /** Of the statistics: Redis has said TRYAGAIN. */
  private static final Pattern MGET_REJECTED =
      Pattern.compile("cmdstat_mget:.*rejected_calls=[1-9]");

  private static RedisClusterServers cluster;

  @BeforeAll
  static void start() {
    cluster = RedisClusterServers.start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  @DisplayName("sends every command to the master that has its keys, and scans all of them")
  void routes() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(cluster.urls(), CLUSTER)) {
      cluster.masters().forEach(master -> master.cli("CONFIG", "RESETSTAT"));
      Set<String> keys = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        String key = "a:{" + i + "}";
        keys.add(key);
        opened.answer(opened.link.run(RedisProbe.SCRIPT, List.of(key), List.of("x" + i)));
        assertThat(opened.answer(opened.send(Command.GET, key))).isEqualTo("x" + i);
      }

      assertThat(RedisLinkTest.scanAll(opened, "a:*")).isEqualTo(keys);
      cluster.masters().forEach(master -> {
        assertThat((Long) master.cli("DBSIZE")).isGreaterThan(10);
        assertThat(master.cli("INFO", "commandstats").toString())
            .contains("cmdstat_evalsha")
            .doesNotContainPattern("cmdstat_get:[^\n]*rejected_calls=[1-9]");
      });
      assertThat(opened.news).isEmpty();
    }
  }

  @Test
  @DisplayName("follows slots that move, also in the midst of it")
  void followsSlots() throws TimeoutException {
    RedisServer first = cluster.masters().get(0);
    RedisServer second = cluster.masters().get(1);
    String key = key(0);
    try (OpenedLink opened = OpenedLink.to(cluster.urls(), CLUSTER)) {
      opened.answer(opened.send(Command.SET, key, "here"));

      cluster.move(RedisSlot.of(key), first, second);

      assertThat(opened.answer(opened.send(Command.GET, key))).isEqualTo("here");
      assertThat(opened.answer(opened.send(Command.GET, key))).isEqualTo("here");
      cluster.move(RedisSlot.of(key), second, first);
      assertThat(opened.answer(opened.send(Command.GET, key))).isEqualTo("here");
    }
  }

  @Test
  @DisplayName("is asked for a slot that is moving and answers from where the key is by now")
  void asks() throws TimeoutException {
    RedisServer first = cluster.masters().get(0);
    RedisServer second = cluster.masters().get(1);
    String key = key(1_000);
    String slot = Integer.toString(RedisSlot.of(key));
    try (OpenedLink opened = OpenedLink.to(cluster.urls(), CLUSTER)) {
      second.cli(
          "CLUSTER", "SETSLOT", slot, "IMPORTING", first.cli("CLUSTER", "MYID").toString());
      first.cli(
          "CLUSTER", "SETSLOT", slot, "MIGRATING", second.cli("CLUSTER", "MYID").toString());

      assertThat(opened.answer(opened.send(Command.SET, key, "there"))).isEqualTo("OK");
      assertThat(opened.answer(opened.send(Command.GET, key))).isEqualTo("there");

      cluster.move(RedisSlot.of(key), first, second);
      assertThat(opened.answer(opened.send(Command.GET, key))).isEqualTo("there");
      cluster.move(RedisSlot.of(key), second, first);
    }
  }

  @Test
  @DisplayName("waits for a slot of which some keys have moved and others not yet")
  void halfMoved() throws TimeoutException {
    RedisServer first = cluster.masters().get(0);
    RedisServer second = cluster.masters().get(1);
    String here = "{" + key(2_000) + "}:here";
    String there = "{" + key(2_000) + "}:there";
    String slot = Integer.toString(RedisSlot.of(here));
    try (OpenedLink opened = OpenedLink.to(cluster.urls(), CLUSTER)) {
      opened.answer(opened.send(Command.SET, here, "1"));
      second.cli(
          "CLUSTER", "SETSLOT", slot, "IMPORTING", first.cli("CLUSTER", "MYID").toString());
      first.cli(
          "CLUSTER", "SETSLOT", slot, "MIGRATING", second.cli("CLUSTER", "MYID").toString());
      opened.answer(opened.send(Command.SET, there, "2"));

      Future<Response> both = opened.send(Command.MGET, here, there);
      await()
          .until(() -> MGET_REJECTED
              .matcher(first.cli("INFO", "commandstats").toString())
              .find());
      cluster.move(RedisSlot.of(here), first, second);

      assertThat(opened.answer(both)).isEqualTo("[1, 2]");
      assertThat(opened.news).isEmpty();
      cluster.move(RedisSlot.of(here), second, first);
    }
  }

  @Test
  @DisplayName("counts as down while one of the masters is away, and comes back by itself")
  void masterAway() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(cluster.urls(), CLUSTER)) {
      RedisServer third = cluster.masters().get(2);

      third.kill();

      await().atMost(Duration.ofSeconds(20)).until(opened.watch::isDown);
      third.restart();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> opened.watch.state() == RedisWatch.State.UP);
      for (int i = 0; i < 30; i++) {
        opened
            .link
            .run(RedisProbe.SCRIPT, List.of("{" + i + "}"), List.of("x"))
            .await(20, TimeUnit.SECONDS);
      }
    }
  }

  /** A key in a slot of the first master, beyond a slot. */
  private static String key(int from) {
    return IntStream.range(0, 100_000)
        .mapToObj(i -> "key:" + i)
        .filter(key -> RedisSlot.of(key) >= from && RedisSlot.of(key) < from + 1_000)
        .findFirst()
        .orElseThrow();
  }
}
