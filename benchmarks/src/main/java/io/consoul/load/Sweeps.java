package io.consoul.load;

import io.consoul.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;

/**
 * Collections of sessions that have expired: Redis has removed them itself, and what is left of each are its entries in the index and in
 * its tenant's list.
 */
final class Sweeps {

  private static final int SESSIONS = 100_000;
  private static final int AT_ONCE = 1_000;
  private static final String PREFIX = "consoul:session:";

  private Sweeps() {}

  static void run(Bench bench) {
    System.out.printf(
        "%nA collection of %,d expired sessions in Redis (%d runs, the sizes in turn)%n",
        SESSIONS, bench.options().runs);
    System.out.printf(
        "%-24s %10s %12s %12s%n", "batch size, pause", "s", "Redis CPU s", "node CPU s");
    for (int run = 0; run < bench.options().runs; run++) {
      for (int size : new int[] {100, 500, 1_000, 10_000}) {
        collect(size);
      }
    }
  }

  private static void collect(int size) {
    try (RedisServer redis = Bench.newRedis()) {
      fill(redis);
      collect(redis, size);
    }
  }

  private static void collect(RedisServer redis, int size) {
    long redisBefore = Bench.cpuMicros(redis);
    try (NodeUnderTest node = new NodeUnderTest(
        "Serial",
        Map.of(
            "CONSOUL_SESSION_REDIS_URL", redis.url(),
            "CONSOUL_SESSION_GC_INTERVAL", "2",
            "CONSOUL_SESSION_GC_BATCH_SIZE", Integer.toString(size)))) {
      long nodeBefore = node.cpuMicros();
      MatchResult line = node.process()
          .awaitLine(
              "collected expired_sessions=([1-9][0-9]*).* duration_ms=([0-9]+)",
              Duration.ofMinutes(3));
      if (Integer.parseInt(line.group(1)) != SESSIONS) {
        throw new IllegalStateException("collected only " + line.group(1));
      }
      System.out.printf(
          "%-24s %10.1f %12.2f %12.2f%n",
          size + ", 10 ms",
          Integer.parseInt(line.group(2)) / 1e3,
          (Bench.cpuMicros(redis) - redisBefore) / 1e6,
          (node.cpuMicros() - nodeBefore) / 1e6);
    }
  }

  private static void fill(RedisServer redis) {
    long expired = System.currentTimeMillis() - 60_000;
    for (int first = 0; first < SESSIONS; first += AT_ONCE) {
      List<String> index = new ArrayList<>(List.of("ZADD", PREFIX + "index"));
      List<String> list = new ArrayList<>(List.of("ZADD", PREFIX + "list:default"));
      for (int i = first; i < first + AT_ONCE; i++) {
        String session = "session-" + i;
        index.add(Long.toString(expired));
        index.add("default:" + session);
        list.add(Long.toString(-expired));
        list.add(session);
      }
      redis.cli(index.toArray(String[]::new));
      redis.cli(list.toArray(String[]::new));
    }
  }
}
