package io.consoul.load;

import io.consoul.testkit.RedisServer;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What scenarios are made of. Ends what was started on it, the last first. */
final class Bench implements AutoCloseable {

  private static final Pattern REDIS_CPU = Pattern.compile("used_cpu_(?:sys|user):([0-9.]+)");

  private final Vertx vertx;
  private final Load.Options options;
  private final Calls calls;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  Bench(Vertx vertx, Load.Options options) {
    this.vertx = vertx;
    this.options = options;
    this.calls = new Calls(vertx, options.words);
  }

  Load.Options options() {
    return options;
  }

  Calls calls() {
    return calls;
  }

  SocketTurns sockets(NodeUnderTest node) {
    return new SocketTurns(vertx, node.port(), options.words);
  }

  ProviderProcess provider() {
    return provider(0);
  }

  ProviderProcess provider(int firstTokenMillis) {
    return started(new ProviderProcess(options.delayMillis, firstTokenMillis));
  }

  NodeUnderTest node(Map<String, String> environment) {
    return node("Serial", environment);
  }

  /** @param collector as the JVM's option has it, without its ending */
  NodeUnderTest node(String collector, Map<String, String> environment) {
    return started(new NodeUnderTest(collector, environment));
  }

  RedisServer redis() {
    return started(newRedis());
  }

  /** Writes every change to a file, and syncs once a second: as Redis is run in production. The caller ends it. */
  static RedisServer newRedis() {
    return RedisServer.start("--appendonly", "yes", "--appendfsync", "everysec");
  }

  /** In microseconds since its start, as it says itself. */
  static long cpuMicros(RedisServer redis) {
    return REDIS_CPU
        .matcher(redis.cli("INFO", "cpu").toString())
        .results()
        .mapToLong(found -> (long) (Double.parseDouble(found.group(1)) * 1e6))
        .sum();
  }

  void compare(String title, String other, List<Subject> subjects) {
    new Comparison(vertx.getOrCreateContext(), options).run(title, other, subjects);
  }

  private <T extends AutoCloseable> T started(T process) {
    started.push(process);
    return process;
  }

  @Override
  public void close() {
    for (AutoCloseable process : started) {
      try {
        process.close();
      } catch (Exception failed) {
        System.err.println("could not end a process: " + failed);
      }
    }
  }
}
