package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Eight instances that charge one caller at once")
class RedisLimitRaceTest {

  private static final int INSTANCES = 8;

  /** What was charged, or was not, after one moment and before another, on this JVM's clock. */
  private record Charged(long sent, long received, int cost, boolean admitted) {}

  private RedisServer redis;
  private CountingRedis counting;

  @BeforeEach
  void open() {
    redis = RedisServer.start("--appendonly", "no");
    counting = CountingRedis.moving(redis);
  }

  @AfterEach
  void close() {
    counting.close();
    redis.close();
  }

  @Test
  @DisplayName("never get more than the limit in any stretch of the window")
  void exact() {
    Window window = new Window(50, Duration.ofMillis(400));

    List<Charged> all = chargeFor(Duration.ofMillis(1_300), window, 3);

    assertThat(mostInAnyStretch(admitted(all), window.length())).isLessThanOrEqualTo(50);
    assertRefusedForCause(all, 50, window.length());
  }

  @Test
  @DisplayName("never get more than a limit above 10,000, and hardly less")
  void slots() {
    Window window = new Window(20_000, Duration.ofMillis(500));

    List<Charged> all = chargeFor(Duration.ofMillis(1_600), window, 200);

    assertThat(mostInAnyStretch(admitted(all), window.length())).isLessThanOrEqualTo(20_000);
    // One that is partly over counts in full.
    assertRefusedForCause(all, 20_000, window.length().plus(window.length().dividedBy(100)));
  }

  private List<Charged> chargeFor(Duration time, Window window, int maxCost) {
    Queue<Charged> charged = new ConcurrentLinkedQueue<>();
    long end = System.nanoTime() + time.toNanos();
    List<RedisLimitStore> instances =
        Stream.generate(counting::another).limit(INSTANCES).toList();
    CountingRedis.get(Future.all(instances.stream()
        .map(each -> new Caller(each, window, maxCost, new Random(maxCost), end, charged).all())
        .toList()));
    instances.forEach(each -> CountingRedis.get(each.close()));
    return new ArrayList<>(charged);
  }

  /** Charges again and again, as soon as it has its answer. */
  private record Caller(
      RedisLimitStore store,
      Window window,
      int maxCost,
      Random random,
      long end,
      Queue<Charged> charged) {

    Future<Void> all() {
      Promise<Void> done = Promise.promise();
      next(done);
      return done.future();
    }

    private void next(Promise<Void> done) {
      if (System.nanoTime() - end > 0) {
        done.complete();
        return;
      }
      int cost = 1 + random.nextInt(maxCost);
      long sent = System.nanoTime();
      store.charge("caller", List.of(window), cost).onFailure(done::fail).onSuccess(verdict -> {
        charged.add(new Charged(sent, System.nanoTime(), cost, verdict.admitted()));
        next(done);
      });
    }
  }

  /** What was certainly admitted within the length, whatever the moment of each between sending and receiving was. */
  private static int mostInAnyStretch(List<Charged> admitted, Duration length) {
    List<Charged> inOrder =
        admitted.stream().sorted(Comparator.comparingLong(Charged::received)).toList();
    int most = 0;
    for (Charged first : inOrder) {
      int sum = 0;
      for (Charged each : inOrder) {
        if (each.received() - first.sent() >= length.toNanos()) {
          break;
        }
        sum += each.sent() - first.sent() >= 0 ? each.cost() : 0;
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  /** None was refused for which there was room: what can have been admitted before it and was not over leaves too little. */
  private static void assertRefusedForCause(List<Charged> all, int limit, Duration length) {
    List<Charged> refused = all.stream().filter(each -> !each.admitted()).toList();
    List<Charged> admitted = admitted(all);
    assertThat(refused).isNotEmpty();
    assertThat(refused).allSatisfy(each -> {
      int counted = admitted.stream()
          .filter(before -> before.sent() <= each.received())
          .filter(before -> each.sent() - before.received() <= length.toNanos())
          .mapToInt(Charged::cost)
          .sum();
      assertThat(counted + each.cost()).isGreaterThan(limit);
    });
  }

  private static List<Charged> admitted(List<Charged> all) {
    return all.stream().filter(Charged::admitted).toList();
  }
}
