package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.redis.RedisScript;
import io.consoul.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("The script that charges in Redis, with a clock of the test's")
class RedisLimitModelTest {

  private static final int STEPS = 2_000;
  private static final long MICROS = 1_000_000;

  /** Windows and steps are so many times longer than they would need to be: what Redis itself forgets goes by its real clock. */
  private static final int STRETCH = 100;

  /** The same but for the time, which comes behind the other arguments. */
  private static final String SCRIPT = RedisScript.read(RedisLimitStore.class, "/redis/charge.lua")
      .source()
      .replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}");

  private static RedisServer redis;

  private final Random random = new Random(7);
  private final LimitKeys keys = new LimitKeys("model:");
  private final Ledger ledger = new Ledger();

  @BeforeAll
  static void start() {
    redis = RedisServer.start("--appendonly", "no");
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "says what the memory says: of several windows, charges of many units, limits and clocks that change")
  void sameAsMemory(Strategy strategy) {
    redis.cli("FLUSHALL");
    long now = 1_767_225_600 * MICROS;
    List<Window> windows = windows();
    int admitted = 0;
    for (int step = 0; step < STEPS; step++) {
      now += random.nextInt(20) == 0
          ? random.nextLong(30 * STRETCH * MICROS)
          : random.nextLong(STRETCH * MICROS / 2);
      if (random.nextInt(400) == 0) {
        now -= random.nextLong(90 * STRETCH * MICROS);
      }
      if (random.nextInt(100) == 0) {
        windows = windows();
      }
      int most = windows.stream().mapToInt(Window::limit).min().orElseThrow();
      int cost = random.nextInt(4) == 0 ? 1 + random.nextInt(most) : 1;
      Verdict inMemory = ledger.charge(windows, strategy, cost, now);
      assertThat(charge(windows, strategy, cost, now))
          .as("step %d: %d of %s", step, cost, windows)
          .isEqualTo(List.of(
              inMemory.admitted() ? 1L : 0L,
              (long) inMemory.limit(),
              (long) inMemory.remaining(),
              millis(inMemory.reset()),
              millis(inMemory.retryAfter())));
      admitted += inMemory.admitted() ? 1 : 0;
    }
    assertThat(admitted).isBetween(STEPS / 10, 9 * STEPS / 10);
  }

  /** Their lengths and kinds stay, for what is kept of a window that nobody asks for is another matter. */
  private List<Window> windows() {
    return List.of(
        new Window(3 + random.nextInt(10), seconds(2)),
        new Window(12_000, seconds(5)).share(900 + random.nextInt(600)),
        new Window(15 + random.nextInt(40), seconds(20)));
  }

  private static Duration seconds(int stretched) {
    return Duration.ofSeconds((long) stretched * STRETCH);
  }

  private List<?> charge(List<Window> windows, Strategy strategy, int cost, long now) {
    List<String> command = new ArrayList<>(List.of("EVAL", SCRIPT, "" + windows.size()));
    List<String> arguments = new ArrayList<>(List.of("" + cost));
    for (Window window : windows) {
      WindowKind kind = WindowKind.of(window, strategy == Strategy.MOVING_WINDOW);
      command.add(keys.of("caller").key(kind, window));
      arguments.add(kind.name().toLowerCase(Locale.ROOT));
      arguments.add("" + window.limit());
      arguments.add("" + window.length().toMillis());
    }
    command.addAll(arguments);
    command.add("" + now / MICROS);
    command.add("" + now % MICROS);
    return ((List<?>) redis.cli(command.toArray(String[]::new)))
        .stream().map(number -> Long.parseLong(number.toString())).toList();
  }

  private static long millis(Duration time) {
    return time.plusNanos(999_999).toMillis();
  }
}
