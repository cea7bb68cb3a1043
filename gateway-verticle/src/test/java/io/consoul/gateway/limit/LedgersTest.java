package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Limits that are counted in memory")
class LedgersTest {

  private static final long START = 1_767_225_600_000_000L;
  private static final long SECOND = 1_000_000;
  private static final Duration TEN = Duration.ofSeconds(10);

  private record Charge(long time, int cost) {}

  private final Ledgers ledgers = new Ledgers(1, 1_000, 1_000_000);
  private long now = START;

  private Verdict charge(String who, int cost, Window... windows) {
    return ledgers.charge(who, List.of(windows), Strategy.MOVING_WINDOW, cost, now);
  }

  private Verdict chargeFixed(int cost, Window window) {
    return ledgers.charge("one", List.of(window), Strategy.FIXED_WINDOW, cost, now);
  }

  @Test
  @DisplayName("are exact at the edges of the window")
  void edges() {
    Window three = new Window(3, TEN);
    for (int i = 0; i < 3; i++) {
      now = START + i * SECOND;
      assertThat(charge("one", 1, three).remaining()).isEqualTo(2 - i);
    }
    now = START + 10 * SECOND - 1;
    Verdict refused = charge("one", 1, three);
    assertThat(refused.admitted()).isFalse();
    assertThat(refused.limit()).isEqualTo(3);
    assertThat(refused.remaining()).isZero();
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofNanos(1_000));
    assertThat(refused.reset()).isEqualTo(Duration.ofSeconds(2).plusNanos(1_000));

    now = START + 10 * SECOND;
    assertThat(charge("one", 1, three).admitted()).isTrue();
    Verdict next = charge("one", 1, three);
    assertThat(next.admitted()).isFalse();
    assertThat(next.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    assertThat(charge("other", 1, three).admitted()).isTrue();
  }

  @ParameterizedTest(name = "{0} in 10 s")
  @DisplayName("never let more than the limit through in any window, nor less than they may")
  @CsvSource({"7", "200", "10000", "10001", "40000"})
  void anyWindow(int limit) {
    Random random = new Random(limit);
    Window window = new Window(limit, TEN);
    List<Charge> admitted = new ArrayList<>();
    int refusals = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(20_000) / (random.nextInt(50) + 1);
      if (i % 500 == 499) {
        now += random.nextInt(25) * SECOND;
      }
      int cost = 1 + random.nextInt(Math.max(1, limit / 300) + 5);
      Verdict verdict = charge("one", cost, window);
      if (verdict.admitted()) {
        admitted.add(new Charge(now, cost));
        assertThat(sum(admitted, now - 10 * SECOND)).isLessThanOrEqualTo(limit);
      } else {
        refusals++;
        assertThat(sum(admitted, startOfCounted(limit, now)) + cost).isGreaterThan(limit);
        long then = now + verdict.retryAfter().toNanos() / 1_000;
        assertThat(sum(admitted, startOfCounted(limit, then)) + cost).isLessThanOrEqualTo(limit);
      }
    }
    assertThat(refusals).isPositive();
  }

  /** Where charges are counted by hundredths of the window, one that is partly over counts in full. */
  private static long startOfCounted(int limit, long time) {
    long slot = SECOND / 10;
    return limit <= WindowKind.MAX_LOG ? time - 10 * SECOND : (time / slot - 100) * slot - 1;
  }

  private static long sum(List<Charge> charges, long after) {
    long sum = 0;
    for (int i = charges.size() - 1; i >= 0 && charges.get(i).time > after; i--) {
      sum += charges.get(i).cost;
    }
    return sum;
  }

  @Test
  @DisplayName("are kept by many threads at once")
  void threads() throws Exception {
    Ledgers shared = new Ledgers(16, 1_000, 1_000_000);
    Window window = new Window(1_000, TEN);
    AtomicInteger admitted = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      Callable<Void> client = () -> {
        for (int i = 0; i < 1_000; i++) {
          if (shared
              .charge("one", List.of(window), Strategy.MOVING_WINDOW, 1, START)
              .admitted()) {
            admitted.incrementAndGet();
          }
        }
        return null;
      };
      for (Future<Void> done : pool.invokeAll(Collections.nCopies(8, client))) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(admitted).hasValue(1_000);
  }

  @Test
  @DisplayName("charge all or nothing: of one cost, and of several windows")
  void allOrNothing() {
    Window second = new Window(5, Duration.ofSeconds(1));
    Window minute = new Window(8, Duration.ofMinutes(1));
    assertThat(charge("one", 3, second, minute).remaining()).isEqualTo(2);
    Verdict refused = charge("one", 3, second, minute);
    assertThat(refused.admitted()).isFalse();
    assertThat(refused.limit()).isEqualTo(5);
    assertThat(refused.remaining()).isEqualTo(2);
    assertThat(charge("one", 2, second, minute).admitted()).isTrue();

    now += SECOND;
    Verdict ofTheMinute = charge("one", 4, second, minute);
    assertThat(ofTheMinute.admitted()).isFalse();
    assertThat(ofTheMinute.limit()).isEqualTo(8);
    assertThat(ofTheMinute.retryAfter()).isEqualTo(Duration.ofSeconds(59));
    assertThat(charge("one", 3, second, minute).remaining())
        .as("the second was not charged for what the minute refused")
        .isZero();
  }

  @Test
  @DisplayName("of fixed windows begin anew with each of them")
  void fixed() {
    Window window = new Window(2, TEN);
    now = START + 9 * SECOND;
    assertThat(chargeFixed(2, window).admitted()).isTrue();
    Verdict refused = chargeFixed(1, window);
    assertThat(refused.admitted()).isFalse();
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(1));
    now = START + 10 * SECOND;
    assertThat(chargeFixed(2, window).admitted()).isTrue();
  }

  @ParameterizedTest(name = "{0} in 10 s, {1}")
  @DisplayName("lock nobody out for longer than a window when the clock is set back")
  @CsvSource({
    "5, MOVING_WINDOW",
    "20000, MOVING_WINDOW",
    "5, FIXED_WINDOW",
  })
  void clockSetBack(int limit, Strategy strategy) {
    List<Window> windows = List.of(new Window(limit, TEN));
    assertThat(ledgers.charge("one", windows, strategy, limit, START).admitted())
        .isTrue();
    long back = START - 3_600 * SECOND;
    assertThat(ledgers.charge("one", windows, strategy, 1, back).admitted()).isFalse();
    long later = back + 10 * SECOND + SECOND / 10;
    assertThat(ledgers.charge("one", windows, strategy, limit, later).admitted())
        .isTrue();
  }

  @Test
  @DisplayName("go on counting when only the limit is changed")
  void changed() {
    charge("one", 4, new Window(5, TEN));
    assertThat(charge("one", 1, new Window(8, TEN)).remaining()).isEqualTo(3);
    Verdict lowered = charge("one", 1, new Window(2, TEN));
    assertThat(lowered.admitted()).isFalse();
    assertThat(lowered.remaining()).isZero();
    assertThat(charge("one", 1, new Window(2, Duration.ofSeconds(20))).admitted())
        .isTrue();
  }

  @Test
  @DisplayName("are kept as it suits the limit: one raised above what is logged is no log any more")
  void raised() {
    Ledger ledger = new Ledger();
    for (Window window : List.of(new Window(10_000, TEN), new Window(1_000_000, TEN))) {
      ledger.charge(List.of(window), Strategy.MOVING_WINDOW, 10_000, START);
      ledger.charge(List.of(window), Strategy.MOVING_WINDOW, 10_000, START);
    }
    assertThat(ledger.room()).isLessThan(1_000);
  }

  @Test
  @DisplayName("remember so many callers, and forget who has not come for longest")
  void manyCallers() {
    Window window = new Window(1, Duration.ofHours(1));
    charge("regular", 1, window);
    for (int i = 0; i < 100_000; i++) {
      charge("address " + i, 1, window);
      if (i % 500 == 0) {
        assertThat(charge("regular", 1, window).admitted()).isFalse();
      }
    }
    assertThat(ledgers.callers()).isEqualTo(1_000);
    assertThat(charge("address 0", 1, window).admitted()).as("it was forgotten").isTrue();
  }

  @Test
  @DisplayName("remember so many charges of all callers together")
  void manyCharges() {
    Ledgers small = new Ledgers(1, 1_000, 50_000);
    List<Window> windows = List.of(new Window(10_000, Duration.ofDays(1)));
    for (int i = 0; i < 20; i++) {
      small.charge("caller " + i, windows, Strategy.MOVING_WINDOW, 10_000, START);
    }
    assertThat(small.callers()).isEqualTo(5);
    assertThat(
            small.charge("caller 19", windows, Strategy.MOVING_WINDOW, 1, START).admitted())
        .isFalse();
  }
}
