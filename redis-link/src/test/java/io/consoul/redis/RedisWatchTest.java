package io.consoul.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.testkit.CutProxy;
import io.consoul.testkit.LoggedBy;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The watch over Redis")
class RedisWatchTest {

  private static final JsonObject WITH_FALLBACK = new JsonObject()
      .put("fallback", new JsonObject().put("enabled", true).put("reconnectIntervalSeconds", 1));

  private RedisServer redis;

  @BeforeEach
  void start() {
    redis = RedisServer.start();
  }

  @AfterEach
  void stop() {
    redis.close();
  }

  @Test
  @DisplayName("sees that Redis was killed, refuses at once, and finds back by itself")
  void killed() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(redis.url())) {
      assertThat(opened.works()).isTrue();

      redis.kill();

      assertThat(opened.fault(opened.probe("x")).fault())
          .isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE);
      await().until(opened.watch::isDown);
      assertRefusesAtOnce(opened);
      redis.restart();
      await().until(opened::works);
      tells(opened, "down", new RedisHealth.Came(false, true));
    }
  }

  @Test
  @DisplayName(
      "sees that Redis hangs: no command waits longer than its time-out, and none at all once that is known")
  void hangs() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(
        redis.url(), new JsonObject().put("commandTimeoutSeconds", 1), OpenedLink.BRISK)) {
      await().until(opened::works);
      redis.pause();
      while (!opened.watch.isDown()) {
        assertThat(
                opened.isGivenUpWithin(Duration.ofMillis(1_900), () -> List.of(opened.probe("x"))))
            .as("not twice")
            .isTrue();
      }
      assertThat(opened.fault(opened.probe("x")).fault())
          .isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE);
      assertRefusesAtOnce(opened);

      redis.resume();

      await().until(opened::works);
      tells(opened, "down", new RedisHealth.Came(true, true));
    }
  }

  @Test
  @DisplayName("tells of a Redis that was restarted too quickly to be missed")
  void quickRestart() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(redis.url())) {
      redis.kill();
      redis.restart();

      await().until(() -> opened.news.contains(new RedisHealth.Came(false, true)));
      assertThat(opened.works()).isTrue();
    }
  }

  @Test
  @DisplayName("tells of a Redis that has lost its data")
  void emptied() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(redis.url())) {
      redis.cli("FLUSHALL");

      await().until(() -> opened.news.contains(new RedisHealth.Came(false, false)));
    }
  }

  @Test
  @DisplayName("does not say that all is known when its look at Redis was cut off")
  void cutOff() throws TimeoutException {
    try (CutProxy proxy = CutProxy.to(redis.port());
        OpenedLink opened = OpenedLink.to(proxy.redisUrl())) {
      proxy.refuse();

      assertThat(opened.fault(opened.watch.check()).fault())
          .isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE);
      assertThat(opened.watch.isDown()).isTrue();
    }
  }

  @Test
  @DisplayName(
      "is not taken in by a Redis that comes and goes: it counts as back after it has worked for a moment")
  void flapping() throws TimeoutException {
    try (CutProxy proxy = CutProxy.to(redis.port());
        OpenedLink opened = OpenedLink.to(proxy.redisUrl(), new JsonObject(), OpenedLink.STEADY)) {
      proxy.refuse();
      await().until(opened.watch::isDown);
      for (int i = 0; i < 2; i++) {
        proxy.accept();
        await()
            .pollInterval(Duration.ofMillis(2))
            .until(() -> opened.watch.state() == RedisWatch.State.PROBING);
        proxy.refuse();
        await().until(() -> opened.watch.state() == RedisWatch.State.DOWN);
      }
      assertThat(opened.news).containsExactly("down");

      assertThat(millisUntilUp(proxy, opened)).isGreaterThan(1_400);
      assertThat(opened.works()).isTrue();
      tells(opened, "down", new RedisHealth.Came(true, true));
    }
  }

  @Test
  @DisplayName("asks for more of a Redis that does not stay: the moment doubles")
  void relapse() throws TimeoutException {
    try (CutProxy proxy = CutProxy.to(redis.port());
        LoggedBy<RedisWatch> logged = new LoggedBy<>(RedisWatch.class);
        OpenedLink opened = OpenedLink.to(proxy.redisUrl())) {
      long first = OpenedLink.CALM.moment().toMillis();
      for (long moment : List.of(first, 2 * first)) {
        proxy.refuse();
        await().until(opened.watch::isDown);

        assertThat(millisUntilUp(proxy, opened)).isGreaterThan(moment - 10);
      }

      assertThat(logged.lines().stream().filter(line -> line.contains("is not used until")))
          .satisfiesExactly(
              line -> assertThat(line).contains(" for " + first + " ms"),
              line -> assertThat(line).contains(" for " + 2 * first + " ms"));
    }
  }

  private static long millisUntilUp(CutProxy proxy, OpenedLink opened) {
    long working = System.nanoTime();
    proxy.accept();
    await().until(() -> opened.watch.state() == RedisWatch.State.UP);
    return RedisLinkTest.millisSince(working);
  }

  /** Its listeners hear of it on a loop of their own, perhaps a moment after it is so. */
  private static void tells(OpenedLink opened, Object... news) {
    await().untilAsserted(() -> assertThat(opened.news).containsExactly(news));
  }

  @Test
  @DisplayName(
      "with a fallback, leaves Redis alone for the reconnect interval and says when to come again")
  void reconnectInterval() throws TimeoutException {
    try (OpenedLink opened = OpenedLink.to(redis.url(), WITH_FALLBACK)) {
      redis.kill();
      await().until(opened.watch::isDown);

      assertThat(opened.watch.retryAfterSeconds()).isBetween(1, 3);
      FaultException fault = opened.fault(opened.probe("x"));
      assertThat(fault.retryAfter()).isBetween(1, 3);
      redis.restart();
      await().until(opened::works);
    }
  }

  @Test
  @DisplayName("with a fallback, starts without Redis and goes over to it when it comes")
  void startsWithout() throws TimeoutException {
    redis.kill();
    try (OpenedLink opened = OpenedLink.to(redis.url(), WITH_FALLBACK)) {
      assertThat(opened.watch.isDown()).isTrue();
      assertRefusesAtOnce(opened);

      redis.restart();

      await().until(opened::works);
    }
  }

  @Test
  @DisplayName("without a fallback, does not start without Redis, and says what to do")
  void startFails() {
    redis.kill();

    assertThatThrownBy(() -> OpenedLink.to(redis.url()))
        .isInstanceOf(RedisUnreachable.class)
        .hasMessage("Cannot keep texts: Redis at " + redis.url()
            + " refuses connections. To go on, start it, or set TEXTS_REDIS_URL right,"
            + " or set CONSOUL_REDIS_FALLBACK_ENABLED=true to start without it.");
  }

  @Test
  @DisplayName("says that it is the password that is wrong, and does not say the password")
  void wrongPassword() throws TimeoutException {
    try (RedisServer locked = RedisServer.start("--requirepass", "right");
        LoggedBy<RedisWatch> logged = new LoggedBy<>(RedisWatch.class)) {
      String wrong = "redis://user:wrong-1234@127.0.0.1:" + locked.port();

      assertThatThrownBy(() -> OpenedLink.to(wrong))
          .isInstanceOf(RedisUnreachable.class)
          .hasMessageContaining("127.0.0.1:" + locked.port())
          .hasMessageContaining("does not accept the user and password")
          .hasMessageNotContaining("wrong-1234");
      try (OpenedLink opened = OpenedLink.to(wrong, WITH_FALLBACK)) {
        assertThat(opened.watch.isDown()).isTrue();
      }
      assertThat(logged.lines()).isNotEmpty().noneMatch(line -> line.contains("wrong-1234"));
      try (OpenedLink opened = OpenedLink.to(locked.urlWithPassword())) {
        assertThat(opened.works()).isTrue();
      }
    }
  }

  @Test
  @DisplayName("says that it is a replica, or one that hangs")
  void otherTroubles() {
    try (RedisServer replica = redis.startReplica()) {
      assertThatThrownBy(() -> OpenedLink.to(replica.url()))
          .hasMessageContaining("is a replica and takes no writes");
    }
    redis.pause();
    assertThatThrownBy(() -> OpenedLink.to(redis.url(), OpenedLink.IMPATIENT))
        .hasMessageContaining("does not answer in time");
  }

  /** Before the call has returned, that is. */
  private static void assertRefusesAtOnce(OpenedLink opened) throws TimeoutException {
    Future<Boolean> refused = Future.future(promise -> opened.loop.runOnContext(
        now -> promise.complete(opened.probe("x").cause() instanceof FaultException)));
    assertThat(refused.await(20, SECONDS)).isTrue();
  }
}
