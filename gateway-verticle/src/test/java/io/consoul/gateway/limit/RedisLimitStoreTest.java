package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.testkit.RedisServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A charge in Redis")
class RedisLimitStoreTest {

  private static final Window FIVE_A_MINUTE = new Window(5, Duration.ofMinutes(1));
  private static final Window TEN_A_MINUTE = new Window(10, Duration.ofMinutes(1));
  private static final Window HUNDRED_AN_HOUR = new Window(100, Duration.ofHours(1));
  private static final Window MANY_A_MINUTE = new Window(20_000, Duration.ofMinutes(1));
  private static final Window MANY_AN_HOUR = new Window(20_000, Duration.ofHours(1));

  /** What PTTL says of a key that does not expire. */
  private static final long NEVER = -1;

  private static RedisServer redis;
  private CountingRedis counting;

  @BeforeAll
  static void startRedis() {
    redis = RedisServer.start("--appendonly", "no");
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void open() {
    redis.cli("FLUSHALL");
    counting = CountingRedis.moving(redis);
  }

  @AfterEach
  void close() {
    counting.close();
  }

  @Test
  @DisplayName("is admitted until the limit is reached, and says what is left and for how long")
  void upToTheLimit() {
    for (int left = 4; left >= 0; left--) {
      Verdict admitted = counting.charge("a", 1, FIVE_A_MINUTE);
      assertThat(admitted)
          .isEqualTo(new Verdict(true, 5, left, Duration.ofMinutes(1), Duration.ZERO));
    }

    Verdict refused = counting.charge("a", 1, FIVE_A_MINUTE);

    assertThat(refused.admitted()).isFalse();
    assertThat(refused.limit()).isEqualTo(5);
    assertThat(refused.remaining()).isZero();
    assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(50), Duration.ofMinutes(1));
    assertThat(refused.reset()).isBetween(refused.retryAfter(), Duration.ofMinutes(1));
    assertThat(counting.charge("b", 1, FIVE_A_MINUTE).admitted())
        .as("another caller")
        .isTrue();
  }

  @Test
  @DisplayName(
      "has room again as soon as the oldest is as old as the window is long, and not before")
  void exactAtTheEdge() {
    Window window = new Window(3, Duration.ofSeconds(60));
    long length = 60_000_000;
    String key = CountingRedis.key("a", WindowKind.LOG, window);
    long oldest = counting.now() - length + 100_000;
    counting.charged(key, oldest, 1);
    counting.charged(key, oldest + 50_000_000, 2);

    long before;
    Verdict verdict;
    do {
      before = counting.now();
      verdict = counting.charge("a", 1, window);
      if (!verdict.admitted()) {
        assertThat(before).isLessThan(oldest + length);
        assertThat(Duration.ofNanos(1_000 * (oldest + length - before)))
            .isBetween(verdict.retryAfter().minusMillis(1), verdict.retryAfter().plusSeconds(2));
      }
    } while (!verdict.admitted());

    assertThat(counting.now()).isGreaterThanOrEqualTo(oldest + length);
    assertThat(counting.charge("a", 1, window).retryAfter())
        .isBetween(Duration.ofSeconds(40), Duration.ofMillis(50_100));
  }

  @Test
  @DisplayName("of several is admitted whole or not at all, and never when it is above the limit")
  void allOrNothing() {
    assertThat(counting.charge("a", 7, TEN_A_MINUTE).remaining()).isEqualTo(3);

    Verdict refused = counting.charge("a", 4, TEN_A_MINUTE);

    assertThat(refused.admitted()).isFalse();
    assertThat(refused.remaining()).isEqualTo(3);
    assertThat(counting.charge("a", 3, TEN_A_MINUTE).remaining()).isZero();
    assertThat(counting.charge("b", 11, TEN_A_MINUTE))
        .isEqualTo(new Verdict(false, 10, 10, Duration.ZERO, Duration.ofMinutes(1)));
  }

  @Test
  @DisplayName("waits for as many to be over as it needs")
  void waitsForSeveral() {
    String key = CountingRedis.key("a", WindowKind.LOG, TEN_A_MINUTE);
    long now = counting.now();
    counting.charged(key, now - 50_000_000, 4);
    counting.charged(key, now - 20_000_000, 5);

    assertThat(counting.charge("a", 5, TEN_A_MINUTE).retryAfter())
        .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(10));
    assertThat(counting.charge("a", 6, TEN_A_MINUTE).retryAfter())
        .isBetween(Duration.ofSeconds(35), Duration.ofSeconds(40));
    assertThat(counting.charge("a", 1, TEN_A_MINUTE).admitted()).isTrue();
  }

  @Test
  @DisplayName(
      "goes to all windows or to none, and tells of the one that refuses for longest, or has least left")
  void severalWindows() {
    Window[] windows = {FIVE_A_MINUTE, HUNDRED_AN_HOUR, MANY_A_MINUTE};
    assertThat(counting.charge("a", 5, windows).limit()).isEqualTo(5);
    assertThat(counting.charge("b", 90, HUNDRED_AN_HOUR).remaining()).isEqualTo(10);
    assertThat(counting.charge("b", 4, windows).remaining()).isEqualTo(1);

    assertThat(counting.charge("a", 1, windows).admitted()).isFalse();
    assertThat(counting.charge("b", 5, windows))
        .satisfies(refused -> assertThat(refused.admitted()).isFalse())
        .satisfies(refused -> assertThat(refused.limit()).isEqualTo(5));
    assertThat(counting.charge("c", 98, HUNDRED_AN_HOUR).admitted()).isTrue();
    assertThat(counting.charge("c", 3, windows).limit()).isEqualTo(100);

    assertThat(charged("a", HUNDRED_AN_HOUR)).isEqualTo(5);
    assertThat(charged("b", HUNDRED_AN_HOUR)).isEqualTo(94);
    assertThat(charged("c", FIVE_A_MINUTE)).isZero();
    assertThat(counting.charge("a", 1, MANY_A_MINUTE).remaining()).isEqualTo(20_000 - 6);
  }

  private long charged(String who, Window window) {
    return counting.number("LLEN", CountingRedis.key(who, WindowKind.LOG, window));
  }

  @Test
  @DisplayName("that is refused is not counted: knocking does not keep the door shut")
  void refusedAreNotCounted() {
    counting.charge("a", 5, FIVE_A_MINUTE);
    for (int i = 0; i < 50; i++) {
      assertThat(counting.charge("a", 1, FIVE_A_MINUTE).admitted()).isFalse();
    }
    assertThat(charged("a", FIVE_A_MINUTE)).isEqualTo(5);
  }

  @Test
  @DisplayName("to a limit that was lowered meanwhile waits until less than that is left")
  void loweredLimit() {
    counting.charge("a", 9, TEN_A_MINUTE);

    Verdict refused = counting.charge("a", 1, FIVE_A_MINUTE);

    assertThat(refused.admitted()).isFalse();
    assertThat(refused.remaining()).isZero();
  }

  @Test
  @DisplayName(
      "to a limit above 10,000 counts by hundredths of the window: none is free before it is wholly over")
  void slots() {
    long slot = 36_000_000; // of an hour, in microseconds
    String key = CountingRedis.key("a", WindowKind.SLOTS, MANY_AN_HOUR);
    long current = counting.now() / slot;
    fill(key, current - 99, 15_000, current - 50, 4_000);

    long before = counting.now();
    Verdict refused = counting.charge("a", 1_001, MANY_AN_HOUR);
    long after = counting.now();

    assertThat(refused.admitted()).isFalse();
    assertThat(refused.remaining()).isEqualTo(1_000);
    long free = (current - 99 + 1 + 100) * slot;
    assertThat(refused.retryAfter().toNanos() / 1_000)
        .isBetween(free - after, free - before + 1_000);
    assertThat(counting.charge("a", 16_001, MANY_AN_HOUR).retryAfter())
        .isBetween(Duration.ofSeconds(49 * 36), Duration.ofSeconds(51 * 36 + 1));
    assertThat(counting.charge("a", 1_000, MANY_AN_HOUR).remaining()).isZero();

    fill(key, current - 102, 15_000, current - 50, 4_000);
    assertThat(counting.charge("a", 1, MANY_AN_HOUR).remaining()).isEqualTo(20_000 - 4_001);
    assertThat(counting.cli("HMGET", key, "sum", "" + (current - 102))).isEqualTo("[4001, null]");
  }

  private void fill(String key, long first, int one, long last, int other) {
    counting.cli("DEL", key);
    counting.cli(
        "HSET",
        key,
        "" + first,
        "" + one,
        "" + last,
        "" + other,
        "sum",
        "" + (one + other),
        "first",
        "" + first,
        "last",
        "" + last);
  }

  @Test
  @DisplayName("counts by the calendar where windows are fixed")
  void fixed() {
    try (CountingRedis fixed = CountingRedis.fixed(redis)) {
      long length = 200_000; // in microseconds
      Window window = new Window(3, Duration.ofMillis(200));
      int refused = 0;
      int admitted = 0;
      long earliest = 0;
      long latest = 0;
      while (admitted < 4 || refused == 0) {
        long before = fixed.now();
        Verdict verdict = fixed.charge("a", 2, window);
        long after = fixed.now();
        assertThat(verdict.reset()).isBetween(Duration.ZERO, Duration.ofMillis(201));
        assertThat(verdict.retryAfter()).isLessThanOrEqualTo(verdict.reset());
        if (verdict.admitted()) {
          assertThat(after / length).as("another stretch").isGreaterThan(earliest);
          earliest = before / length;
          latest = after / length;
          admitted++;
        } else {
          assertThat(before / length).as("the same stretch").isLessThanOrEqualTo(latest);
          refused++;
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("leaves nothing behind when its window is over")
  void expires(WindowKind kind) {
    Window window = window(kind, 200);
    try (CountingRedis opened = of(kind)) {
      opened.charge("a", 1, window);

      String key = CountingRedis.key("a", kind, window);
      assertThat(opened.number("PTTL", key)).isLessThan(204).isNotEqualTo(NEVER);
      await().until(() -> opened.number("EXISTS", key) == 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "does not wait for a clock that was set back: what lies in the future counts as of now")
  void clockSetBack(WindowKind kind) {
    Window window = window(kind, 300);
    String key = CountingRedis.key("a", kind, window);
    try (CountingRedis opened = of(kind)) {
      long future = opened.now() + Duration.ofHours(1).toNanos() / 1_000;
      switch (kind) {
        case LOG -> opened.charged(key, future, window.limit());
        case SLOTS -> fill(key, future / 3_000, 1, future / 3_000 + 7, window.limit() - 1);
        case FIXED ->
          opened.cli("HSET", key, "number", "" + future / 300_000, "sum", "" + window.limit());
      }

      Verdict refused = opened.charge("a", 1, window);

      assertThat(refused.admitted()).isFalse();
      assertThat(refused.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofMillis(303));
      assertThat(opened.number("PTTL", key)).isLessThan(304).isNotEqualTo(NEVER);
      await().until(() -> opened.charge("a", 1, window).admitted());
    }
  }

  private static Window window(WindowKind kind, int millis) {
    return new Window(kind == WindowKind.SLOTS ? 20_000 : 5, Duration.ofMillis(millis));
  }

  private static CountingRedis of(WindowKind kind) {
    return kind == WindowKind.FIXED ? CountingRedis.fixed(redis) : CountingRedis.moving(redis);
  }

  @Test
  @DisplayName("takes no more than 120 KB of Redis for a caller and a window, whatever the limit")
  void boundedMemory() {
    Window most = new Window(WindowKind.MAX_LOG, Duration.ofHours(1));
    assertThat(counting.charge("a", WindowKind.MAX_LOG, most).admitted()).isTrue();
    assertThat(counting.number(
            "MEMORY", "USAGE", CountingRedis.key("a", WindowKind.LOG, most), "SAMPLES", "0"))
        .isLessThan(120_000);

    Window million = new Window(1_000_000, Duration.ofMillis(250));
    String key = CountingRedis.key("a", WindowKind.SLOTS, million);
    long end = counting.now() + 600_000;
    long largest = 0;
    while (counting.now() < end) {
      counting.charge("a", 1, million);
      largest = Math.max(largest, counting.number("HLEN", key));
      String memory = counting.cli("MEMORY", "USAGE", key, "SAMPLES", "0");
      if (!memory.equals("null")) { // it may be over by now
        assertThat(Long.parseLong(memory)).isLessThan(3_000);
      }
    }
    assertThat(largest).isBetween(4L, 104L);
  }

  @Test
  @DisplayName("does not show who was charged")
  void hashedCallers() {
    counting.charge("key:secret-1234", 1, FIVE_A_MINUTE);

    assertThat(counting.cli("KEYS", "*"))
        .contains("log:60000")
        .doesNotContain("secret")
        .doesNotContain("1234");
  }

  @Test
  @DisplayName("fails at once with E110 while Redis is away")
  void redisAway() {
    try (RedisServer away = RedisServer.start("--appendonly", "no");
        CountingRedis opened = CountingRedis.moving(away)) {
      assertThat(opened.charge("a", 1, FIVE_A_MINUTE).admitted()).isTrue();
      away.kill();
      await().until(() -> {
        opened.store.charge("a", List.of(FIVE_A_MINUTE), 1);
        return opened.store.health().isDown();
      });

      var refused = opened.store.charge("a", List.of(FIVE_A_MINUTE), 1);

      await().until(refused::failed); // and not after the time-out of commands
      assertThat(refused.cause())
          .isInstanceOfSatisfying(
              FaultException.class,
              fault -> assertThat(fault.fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE))
          .hasMessageContaining("the store of the rate limits cannot be reached");
    }
  }

  @Test
  @DisplayName("fails with E110 where Redis does not let it count")
  void refusedByRedis() {
    counting.cli("SET", CountingRedis.key("a", WindowKind.LOG, FIVE_A_MINUTE), "not a list");

    var refused = counting.store.charge("a", List.of(FIVE_A_MINUTE), 1);

    await().until(refused::isComplete);
    assertThat(refused.cause())
        .isInstanceOfSatisfying(
            FaultException.class,
            fault -> assertThat(fault.fault()).isEqualTo(Fault.SESSION_STORAGE_UNAVAILABLE));
    assertThat(counting.refusals).as("without what Redis was given").hasSize(1).doesNotContain(" ");
  }
}
