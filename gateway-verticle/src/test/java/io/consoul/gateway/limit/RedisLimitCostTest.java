package io.consoul.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("long")
@DisplayName("What a charge costs Redis")
class RedisLimitCostTest {

  private static final Pattern MICROS =
      Pattern.compile("cmdstat_evalsha:calls=\\d+,usec=\\d+,usec_per_call=([0-9.]+)");

  private RedisServer redis;
  private CountingRedis counting;

  @BeforeEach
  void open() {
    redis = RedisServer.start("--appendonly", "no");
    counting = CountingRedis.moving(redis);
    charge(new Window(10, Duration.ofMinutes(2)));
  }

  @AfterEach
  void close() {
    counting.close();
    redis.close();
  }

  @Test
  @DisplayName(
      "does not depend on how much is in the log, when it is refused and when the oldest leave")
  void whateverTheLog() {
    double refusedOfTen = refused(10);
    double movingOfTen = moving(10);

    assertThat(refused(10_000)).isLessThan(3 * refusedOfTen);
    assertThat(moving(10_000)).isLessThan(3 * movingOfTen);
  }

  private double refused(int limit) {
    Window window = new Window(limit, Duration.ofHours(1));
    counting.charge("a", limit, window);
    return charge(window);
  }

  /** In the time of the charges all of them leave. */
  private double moving(int limit) {
    Window window = new Window(limit, Duration.ofMinutes(1));
    String key = CountingRedis.key("a", WindowKind.LOG, window);
    long oldest = counting.now() - Duration.ofMinutes(1).toNanos() / 1_000;
    IntStream.range(0, 10).forEach(i -> counting.charged(key, oldest + i * 100_000L, limit / 10));
    return charge(window);
  }

  private double charge(Window window) {
    counting.cli("CONFIG", "RESETSTAT");
    for (int i = 0; i < 200; i++) {
      CountingRedis.get(Future.all(IntStream.range(0, 50)
          .mapToObj(each -> counting.store.charge("a", List.of(window), 1))
          .toList()));
    }
    Matcher micros = MICROS.matcher(counting.cli("INFO", "commandstats"));
    assertThat(micros.find()).isTrue();
    return Double.parseDouble(micros.group(1));
  }
}
