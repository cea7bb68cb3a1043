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

  /** What was admitted after one moment and before another, on this JVM's clock. */
  private record Admitted(long sent, long received, int cost) {}

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

    List<Admitted> admitted = chargeFor(Duration.ofMillis(1_500), window, 3);

    assertThat(mostInAnyStretch(admitted, window.length())).isLessThanOrEqualTo(50);
    assertThat(sum(admitted)).isGreaterThanOrEqualTo(3 * 48);
  }

  @Test
  @DisplayName("never get more than a limit above 10,000, and hardly less")
  void slots() {
    Window window = new Window(20_000, Duration.ofMillis(500));

    List<Admitted> admitted = chargeFor(Duration.ofMillis(1_800), window, 200);

    assertThat(mostInAnyStretch(admitted, window.length())).isLessThanOrEqualTo(20_000);
    // Each stretch of 505 ms has all, but for a last charge that does not fit: the fourth begins at
    // 1,515 ms.
    assertThat(sum(admitted)).isGreaterThanOrEqualTo(3 * 19_800);
  }

  private List<Admitted> chargeFor(Duration time, Window window, int maxCost) {
    Queue<Admitted> admitted = new ConcurrentLinkedQueue<>();
    long end = System.nanoTime() + time.toNanos();
    List<RedisLimitStore> instances =
        Stream.generate(counting::another).limit(INSTANCES).toList();
    CountingRedis.get(Future.all(instances.stream()
        .map(each -> new Caller(each, window, maxCost, new Random(maxCost), end, admitted).all())
        .toList()));
    instances.forEach(each -> CountingRedis.get(each.close()));
    return new ArrayList<>(admitted);
  }

  /** Charges again and again, as soon as it has its answer. */
  private record Caller(
      RedisLimitStore store,
      Window window,
      int maxCost,
      Random random,
      long end,
      Queue<Admitted> admitted) {

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
        if (verdict.admitted()) {
          admitted.add(new Admitted(sent, System.nanoTime(), cost));
        }
        next(done);
      });
    }
  }

  /** What was certainly admitted within the length, whatever the moment of each between sending and receiving was. */
  private static int mostInAnyStretch(List<Admitted> admitted, Duration length) {
    List<Admitted> inOrder =
        admitted.stream().sorted(Comparator.comparingLong(Admitted::received)).toList();
    int most = 0;
    for (Admitted first : inOrder) {
      int sum = 0;
      for (Admitted each : inOrder) {
        if (each.received() - first.sent() >= length.toNanos()) {
          break;
        }
        sum += each.sent() - first.sent() >= 0 ? each.cost() : 0;
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  private static int sum(List<Admitted> admitted) {
    return admitted.stream().mapToInt(Admitted::cost).sum();
  }
}
