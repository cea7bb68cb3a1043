package io.consoul.provider.health;

import static io.vertx.circuitbreaker.CircuitBreakerState.CLOSED;
import static io.vertx.circuitbreaker.CircuitBreakerState.HALF_OPEN;
import static io.vertx.circuitbreaker.CircuitBreakerState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A breaker")
class BreakerTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration CALL_LIMIT = Duration.ofMinutes(10);

  private final ManualClock clock = new ManualClock();
  private final List<String> changes = new ArrayList<>();
  private int share = 3;
  private final Breaker breaker = breaker(true);

  private Breaker breaker(boolean enabled) {
    return new Breaker(
        new BreakerConfig(enabled, 5, 3, TIMEOUT, 3),
        CALL_LIMIT,
        clock,
        () -> share,
        change -> changes.add(change.from() + " " + change.to()));
  }

  private void fail(int times) {
    Stream.generate(breaker::admit).limit(times).forEach(Permit::failed);
  }

  private void succeed(int times) {
    Stream.generate(breaker::admit).limit(times).forEach(Permit::succeeded);
  }

  private void halfOpen() {
    fail(5);
    clock.advance(TIMEOUT);
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
  }

  private FaultException refusal() {
    return catchThrowableOfType(FaultException.class, breaker::admit);
  }

  private void assertFull() {
    assertThat(refusal()).satisfies(refusal -> {
      assertThat(refusal.fault()).isEqualTo(Fault.CIRCUIT_BREAKER_HALF_OPEN);
      assertThat(refusal.retryAfter()).isEqualTo(1);
    });
  }

  private void assertRefusedFor(int seconds) {
    assertThat(refusal()).satisfies(refusal -> {
      assertThat(refusal.fault()).isEqualTo(Fault.CIRCUIT_BREAKER_OPEN);
      assertThat(refusal.retryAfter()).isEqualTo(seconds);
    });
  }

  @Test
  @DisplayName("is closed at first, and stays so through four failures in a row")
  void closed() {
    fail(4);

    assertThat(breaker.state()).isEqualTo(CLOSED);
    breaker.admit();
    assertThat(changes).isEmpty();
  }

  @Test
  @DisplayName("opens with the fifth failure in a row")
  void opens() {
    fail(5);

    assertThat(breaker.state()).isEqualTo(OPEN);
    assertThat(changes).containsExactly("CLOSED OPEN");
  }

  @Test
  @DisplayName("counts anew after a success")
  void successResetsTheCount() {
    fail(4);
    succeed(1);
    fail(4);
    assertThat(breaker.state()).isEqualTo(CLOSED);

    fail(1);
    assertThat(breaker.state()).isEqualTo(OPEN);
  }

  @Test
  @DisplayName("counts failures however far apart they are")
  void noWindow() {
    for (int i = 0; i < 5; i++) {
      clock.advance(Duration.ofHours(10));
      fail(1);
    }

    assertThat(breaker.state()).isEqualTo(OPEN);
  }

  @Test
  @DisplayName("does not count what says nothing about the provider")
  void releasedCountsForNothing() {
    fail(4);
    breaker.admit().released();
    assertThat(breaker.state()).isEqualTo(CLOSED);

    fail(1);
    assertThat(breaker.state()).isEqualTo(OPEN);
  }

  @Test
  @DisplayName("that is open refuses with the whole seconds to the first probe, at least one")
  void retryAfter() {
    fail(5);

    assertRefusedFor(60);
    clock.advance(Duration.ofMillis(1));
    assertRefusedFor(60);
    clock.advance(Duration.ofMillis(17_999));
    assertRefusedFor(42);
    clock.advance(Duration.ofMillis(41_999));
    assertRefusedFor(1);
    assertThat(changes).containsExactly("CLOSED OPEN");
  }

  @Test
  @DisplayName("lets a probe in when its time is over")
  void halfOpenWhenAsked() {
    fail(5);
    clock.advance(TIMEOUT);

    breaker.admit();

    assertThat(changes).containsExactly("CLOSED OPEN", "OPEN HALF_OPEN");
  }

  @Test
  @DisplayName("is half-open when somebody looks at it after its time")
  void halfOpenWhenLookedAt() {
    fail(5);
    clock.advance(TIMEOUT);

    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
    assertThat(changes).containsExactly("CLOSED OPEN", "OPEN HALF_OPEN");
  }

  @Test
  @DisplayName("lets in three probes at a time, and another one when one has ended")
  void threeProbes() {
    halfOpen();
    Permit probe = breaker.admit();
    breaker.admit();
    breaker.admit();
    assertFull();

    probe.succeeded();
    breaker.admit();
    assertFull();
  }

  @Test
  @DisplayName("frees the place of a probe that says nothing, and counts it for nothing")
  void releasedProbe() {
    halfOpen();
    Permit probe = breaker.admit();
    breaker.admit();
    breaker.admit();
    probe.released();
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);

    breaker.admit().succeeded();
    breaker.admit().succeeded();
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
    breaker.admit().succeeded();
    assertThat(breaker.state()).isEqualTo(CLOSED);
  }

  @Test
  @DisplayName("closes with the third success, and counts from the beginning then")
  void closes() {
    halfOpen();
    succeed(2);
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);

    succeed(1);
    assertThat(breaker.state()).isEqualTo(CLOSED);
    fail(4);
    assertThat(breaker.state()).isEqualTo(CLOSED);
    assertThat(changes).containsExactly("CLOSED OPEN", "OPEN HALF_OPEN", "HALF_OPEN CLOSED");
  }

  @Test
  @DisplayName("opens for the full time when one probe fails, whatever others did")
  void reopens() {
    halfOpen();
    succeed(2);
    clock.advance(Duration.ofSeconds(20));
    fail(1);

    assertRefusedFor(60);
    clock.advance(TIMEOUT);
    succeed(2);
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
  }

  @Test
  @DisplayName("ignores the end of a call that was let in before it changed")
  void stale() {
    Permit early = breaker.admit();
    Permit another = breaker.admit();
    halfOpen();
    early.failed();
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);

    succeed(2);
    another.succeeded();
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
    succeed(1);
    assertThat(breaker.state()).isEqualTo(CLOSED);
  }

  @Test
  @DisplayName("ignores calls of an earlier time when it is closed again, too")
  void staleWhenClosedAgain() {
    List<Permit> early = Stream.generate(breaker::admit).limit(5).toList();
    halfOpen();
    succeed(3);
    early.forEach(Permit::failed);

    assertThat(breaker.state()).isEqualTo(CLOSED);
  }

  @Test
  @DisplayName("ignores a probe of the time before it opened again, and does not owe it a place")
  void staleProbe() {
    halfOpen();
    Permit old = breaker.admit();
    fail(1);
    clock.advance(TIMEOUT);
    breaker.admit();
    breaker.admit();
    breaker.admit();

    old.failed();

    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
    assertFull();
  }

  @Test
  @DisplayName("takes the first word about a call only")
  void firstWord() {
    halfOpen();
    Permit probe = breaker.admit();
    probe.succeeded();
    probe.succeeded();
    probe.succeeded();
    probe.failed();

    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
  }

  @Test
  @DisplayName("does not wait for ever for a probe that never ends")
  void lapsedProbes() {
    halfOpen();
    Permit lost = breaker.admit();
    breaker.admit();
    breaker.admit();
    clock.advance(CALL_LIMIT.minusMillis(1));
    assertFull();

    clock.advance(Duration.ofMillis(1));
    breaker.admit();
    lost.failed();
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
  }

  @Test
  @DisplayName("shows as open until a probe is let in")
  void level() {
    assertThat(breaker.level()).isZero();
    fail(5);
    assertThat(breaker.level()).isEqualTo(2);
    clock.advance(TIMEOUT);
    assertThat(breaker.level()).isEqualTo(2);
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
    assertThat(breaker.level()).isEqualTo(2);
    breaker.admit();
    assertThat(breaker.level()).isEqualTo(1);
    succeed(3 - 1);
    assertThat(breaker.level()).isEqualTo(1);
    succeed(1);
    assertThat(breaker.level()).isZero();
  }

  @Test
  @DisplayName("stays open no longer when the clock is put back")
  void clockPutBack() {
    fail(5);
    clock.advance(Duration.ofHours(-5));

    assertRefusedFor(60);
    clock.advance(TIMEOUT);
    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
  }

  @Test
  @DisplayName("that is turned off lets all pass and counts nothing")
  void turnedOff() {
    Breaker off = breaker(false);
    for (int i = 0; i < 100; i++) {
      off.admit().failed();
    }
    off.anotherOpened();

    off.admit();
    off.admit();
    assertThat(off.state()).isEqualTo(CLOSED);
    assertThat(changes).isEmpty();
  }

  @Test
  @DisplayName(
      "lets one call go first when another node's has opened, and all when that one succeeds")
  void cautious() {
    breaker.anotherOpened();
    Permit first = breaker.admit();
    assertFull();

    first.succeeded();
    breaker.admit();
    breaker.admit();
    assertThat(changes).isEmpty();
  }

  @Test
  @DisplayName("lets all follow at the first word of the answer to the call that goes first")
  void answering() {
    breaker.anotherOpened();
    Permit first = breaker.admit();
    first.answering();
    breaker.admit();

    first.failed();
    assertThat(breaker.state()).isEqualTo(CLOSED);
    fail(4);
    assertThat(breaker.state()).isEqualTo(OPEN);
  }

  @Test
  @DisplayName("opens at once when the call that goes first fails")
  void cautiousAndRight() {
    breaker.anotherOpened();
    fail(1);

    assertRefusedFor(60);
  }

  @Test
  @DisplayName("lets another call go first when the first one says nothing, or never ends")
  void cautiousStill() {
    breaker.anotherOpened();
    breaker.admit().released();
    Permit lost = breaker.admit();
    assertFull();

    clock.advance(CALL_LIMIT);
    breaker.admit();
    assertFull();
    lost.succeeded();
    assertFull();
  }

  @Test
  @DisplayName(
      "that is cautious still counts the calls that were under way, but does not trust them")
  void cautiousAndUnderWay() {
    List<Permit> underWay = Stream.generate(breaker::admit).limit(6).toList();
    breaker.anotherOpened();
    breaker.admit();
    underWay.get(0).succeeded();
    assertFull();

    underWay.subList(1, 6).forEach(Permit::failed);
    assertThat(breaker.state()).isEqualTo(OPEN);
  }

  @Test
  @DisplayName("that is not closed anyway does not become cautious")
  void openAnyway() {
    fail(5);
    breaker.anotherOpened();
    clock.advance(TIMEOUT);
    breaker.anotherOpened();

    succeed(3);
    breaker.admit();
    breaker.admit();
    assertThat(breaker.state()).isEqualTo(CLOSED);
  }

  @Test
  @DisplayName("that is open is half-open at once when another node's has closed")
  void anotherClosedWhileOpen() {
    fail(5);
    breaker.anotherClosed();

    assertThat(breaker.state()).isEqualTo(HALF_OPEN);
    assertThat(breaker.level()).isEqualTo(2);
    succeed(3);
    assertThat(breaker.state()).isEqualTo(CLOSED);
  }

  @Test
  @DisplayName(
      "that is half-open closes when another node's has closed, and lets one call go first")
  void anotherClosedWhileHalfOpen() {
    share = 0;
    halfOpen();
    assertFull();
    breaker.anotherClosed();

    assertThat(breaker.state()).isEqualTo(CLOSED);
    breaker.admit();
    assertFull();
  }

  @Test
  @DisplayName("that is closed does not mind that another node's has closed")
  void anotherClosedWhileClosed() {
    fail(4);
    breaker.anotherClosed();
    breaker.admit();
    fail(1);

    assertThat(changes).containsExactly("CLOSED OPEN");
  }

  @Test
  @DisplayName("keeps to its share of the probes as it is at the moment")
  void share() {
    halfOpen();
    share = 1;
    Permit probe = breaker.admit();
    assertFull();
    share = 2;
    breaker.admit();
    assertFull();
    share = 1;
    probe.succeeded();
    assertFull();
  }

  @Test
  @DisplayName("never has more than three probes under way, however many threads ask at once")
  void manyThreads() throws Exception {
    halfOpen();
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      CountDownLatch start = new CountDownLatch(8);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        all.add(threads.submit(() -> {
          start.countDown();
          start.await();
          for (int round = 0; round < 5_000; round++) {
            try {
              Permit probe = breaker.admit();
              most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              Thread.yield();
              underWay.decrementAndGet();
              probe.released();
            } catch (FaultException full) {
              refused.incrementAndGet();
            }
          }
          return null;
        }));
      }
      for (Future<?> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(most).hasValue(3);
    assertThat(refused.get()).isPositive();
    succeed(3);
    assertThat(breaker.state()).isEqualTo(CLOSED);
  }

  @Test
  @DisplayName("opens once for a thousand calls that fail on many threads, and closes once")
  void manyThreadsFail() throws Exception {
    List<Permit> calls = Stream.generate(breaker::admit).limit(1_000).toList();
    calls.parallelStream().forEach(Permit::failed);
    assertThat(changes).containsExactly("CLOSED OPEN");

    clock.advance(TIMEOUT);
    Stream.generate(breaker::admit).limit(3).toList().parallelStream().forEach(Permit::succeeded);
    assertThat(changes).containsExactly("CLOSED OPEN", "OPEN HALF_OPEN", "HALF_OPEN CLOSED");
  }

  @Test
  @DisplayName(
      "that is switched off stays closed whatever becomes of the calls under way, and forgets")
  void switchedOff() {
    fail(4);
    List<Permit> underway = Stream.generate(breaker::admit).limit(5).toList();

    breaker.change(new BreakerConfig(false, 5, 3, TIMEOUT, 3), CALL_LIMIT);
    underway.forEach(Permit::failed);
    assertThat(breaker.state()).isEqualTo(CLOSED);

    breaker.change(new BreakerConfig(true, 5, 3, TIMEOUT, 3), CALL_LIMIT);
    fail(4);
    assertThat(breaker.state()).isEqualTo(CLOSED);
    fail(1);
    assertThat(changes).containsExactly("CLOSED OPEN");
  }
}
