package io.consoul.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.testkit.CutProxy;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An instance's link to Redis")
class RedisLinkTest {

  private static RedisServer redis;

  @BeforeAll
  static void start() {
    redis = RedisServer.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.cli("FLUSHALL");
  }

  @Test
  @DisplayName("runs a script that the server does not know, and by its hash from then on")
  void loadsScripts() throws TimeoutException {
    redis.cli("SCRIPT", "FLUSH");
    try (OpenedLink opened = OpenedLink.to(redis.url())) {
      redis.cli("SCRIPT", "FLUSH");
      redis.cli("CONFIG", "RESETSTAT");

      assertThat(opened.probe("one").await(20, TimeUnit.SECONDS).get(0)).hasToString("one");
      assertThat(opened.probe("two").await(20, TimeUnit.SECONDS).get(0)).hasToString("two");

      String stats = redis.cli("INFO", "commandstats").toString();
      assertThat(stats).contains("cmdstat_evalsha:calls=2");
    }
  }

  @Test
  @DisplayName("passes on what Redis says about the command itself")
  void commandErrors() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(redis.url())) {
      redis.cli("SET", "text", "x");

      Future<Response> wrong = opened.send(Command.LPUSH, "text", "y");

      await().until(wrong::isComplete);
      assertThat(wrong.cause()).hasMessageStartingWith("WRONGTYPE");
      assertThat(opened.watch.state()).isEqualTo(RedisWatch.State.UP);
    }
  }

  @Test
  @DisplayName("replaces idle connections that were closed, and nobody notices")
  void idleConnections() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(redis.url())) {
      for (int i = 0; i < 20; i++) {
        assertThat(opened.works()).isTrue();

        redis.cli("CLIENT", "KILL", "TYPE", "normal");

        assertThat(opened.works()).isTrue();
        await().until(() -> opened.watch.state() == RedisWatch.State.UP);
      }
      assertThat(opened.news).isEmpty();
    }
  }

  @Test
  @DisplayName("sends a script once more whose answer was lost, and a plain command not")
  void lostAnswers() throws TimeoutException {
    try (CutProxy proxy = CutProxy.to(redis.port());
        OpenedLink opened = OpenedLink.to(proxy.redisUrl())) {
      assertThat(opened.works()).isTrue();
      proxy.mode(CutProxy.Mode.SWALLOW_ANSWERS);

      Future<Response> script = opened.probe("said");
      Future<Response> plain = opened.send(Command.INCR, "count");
      await().until(() -> "1".equals(redis.cli("GET", "count")));
      proxy.mode(CutProxy.Mode.PASS).cut();

      assertThat(script.await(20, TimeUnit.SECONDS).get(0)).hasToString("said");
      assertThat(opened.fault(plain).fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE);
      assertThat(redis.cli("GET", "count")).isEqualTo("1");
    }
  }

  @Test
  @DisplayName(
      "gives a command up at its time-out, and replaces a connection on which several in a row were")
  void hangingConnection() throws TimeoutException {
    try (CutProxy proxy = CutProxy.to(redis.port());
        OpenedLink opened =
            OpenedLink.to(proxy.redisUrl(), new JsonObject().put("commandTimeoutSeconds", 1))) {
      assertThat(opened.works()).isTrue();
      proxy.forgetConnections();
      List<Future<Response>> lost = new CopyOnWriteArrayList<>();
      long begun = System.nanoTime();

      assertThat(opened.isGivenUpWithin(Duration.ofMillis(1_900), () -> {
            IntStream.range(0, 3).forEach(i -> lost.add(opened.probe("" + i)));
            return lost;
          }))
          .as("all at once")
          .isTrue();

      assertThat(millisSince(begun)).isGreaterThan(990);
      lost.forEach(reply ->
          assertThat(opened.fault(reply).fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE));
      await().until(opened::works);
      assertThat(opened.news).isEmpty();
    }
  }

  @Test
  @DisplayName("has as many commands under way as it may; more fail at once, and nothing is lost")
  void boundedWaiting() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(redis.url(), new JsonObject().put("maxWaiting", 100))) {
      assertThat(opened.works()).isTrue();
      redis.pause();
      List<Future<Response>> replies = IntStream.range(0, 150)
          .mapToObj(i -> opened.send(Command.INCR, "count"))
          .toList();
      await().until(() -> replies.stream().filter(Future::failed).count() == 50);
      redis.resume();

      await().until(() -> replies.stream().allMatch(Future::isComplete));
      assertThat(replies.stream().filter(Future::succeeded)).hasSize(100);
      assertThat(redis.cli("GET", "count")).isEqualTo("100");
      assertThat(opened.works()).isTrue();
    } finally {
      redis.resume();
    }
  }

  @Test
  @DisplayName("opens more connections while much is under way, up to its share")
  void moreConnections() throws TimeoutException {
    try (OpenedLink opened =
        OpenedLink.to(redis.url(), new JsonObject().put("maxConnections", 3))) {
      assertThat(opened.works()).isTrue();
      assertThat(opened.link.connections()).isEqualTo(1);
      List<Future<Response>> replies = new ArrayList<>();

      await().until(() -> {
        IntStream.range(0, 500).forEach(i -> replies.add(opened.send(Command.INCR, "count")));
        return opened.link.connections() == 3;
      });

      await().until(() -> replies.stream().allMatch(Future::succeeded));
      assertThat(redis.cli("GET", "count")).isEqualTo(String.valueOf(replies.size()));
      assertThat(opened.link.connections()).isEqualTo(3);
    }
  }

  @Test
  @DisplayName("scans all keys page by page")
  void scans() throws TimeoutException {
    IntStream.range(0, 300).forEach(i -> redis.cli("SET", "a:" + i, "x"));
    redis.cli("SET", "b", "x");
    try (OpenedLink opened = OpenedLink.to(redis.url())) {
      assertThat(scanAll(opened, "a:*")).hasSize(300).doesNotContain("b");
    }
  }

  static Set<String> scanAll(OpenedLink opened, String pattern) throws TimeoutException {
    Set<String> keys = new HashSet<>();
    for (ScanPage.Cursor next = ScanPage.Cursor.START; next != null; ) {
      ScanPage page = opened.link.scan(next, pattern, 50).await(20, TimeUnit.SECONDS);
      keys.addAll(page.keys());
      next = page.next();
    }
    return keys;
  }

  static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }
}
