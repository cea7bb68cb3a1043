package io.consoul.load;

import io.consoul.testkit.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** What can be measured; docs/tuning.md has the figures. */
enum Scenario {
  /** A turn on each of the three ways, with the sessions in memory and in Redis. */
  TURNS(Scenario::turns),
  /** The way through Consoul against the way past it. */
  COMPLETIONS(Scenario::completions),
  /** Connections to Redis. */
  REDIS_POOL(Scenario::redisPool),
  /** Event loops, and instances of the verticles. */
  EVENT_LOOPS(Scenario::eventLoops),
  /** What a request costs that is refused. */
  REFUSALS(Scenario::refusals),
  /** Connections to a provider that takes its time. */
  PROVIDER_POOL(Scenario::providerPool),
  /** Characters that may be on their way from a provider to a client. */
  CREDIT_WINDOW(Scenario::creditWindow),
  /** With and without. */
  METRICS(Scenario::metrics),
  /** The JVM's garbage collectors. */
  COLLECTORS(Scenario::collectors),
  /** A collection of 100,000 sessions that have expired, by its batch size. */
  GC(Sweeps::run);

  private final Consumer<Bench> steps;

  Scenario(Consumer<Bench> steps) {
    this.steps = steps;
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  void run(Bench bench) {
    try (bench) {
      steps.accept(bench);
    }
  }

  private static void turns(Bench bench) {
    ProviderProcess provider = bench.provider();
    RedisServer redis = bench.redis();
    NodeUnderTest memory = bench.node(provider.with());
    NodeUnderTest stored = bench.node(provider.with("CONSOUL_SESSION_REDIS_URL", redis.url()));
    bench.compare(
        "A turn of " + bench.options().words + " words, 10 turns a session",
        "Redis CPU us",
        List.of(
            Subject.of("/chat, memory", bench.calls().chat(memory.port()), memory),
            Subject.of("/chat/stream, memory", bench.calls().stream(memory.port()), memory),
            Subject.of("WebSocket, memory", bench.sockets(memory), memory),
            Subject.of(
                "/chat, Redis",
                bench.calls().chat(stored.port()),
                stored,
                () -> Bench.cpuMicros(redis)),
            Subject.of(
                "/chat/stream, Redis",
                bench.calls().stream(stored.port()),
                stored,
                () -> Bench.cpuMicros(redis)),
            Subject.of(
                "WebSocket, Redis", bench.sockets(stored), stored, () -> Bench.cpuMicros(redis))));
  }

  private static void completions(Bench bench) {
    ProviderProcess provider = bench.provider();
    NodeUnderTest node = bench.node(provider.with());
    bench.compare(
        "A streamed completion of " + bench.options().words + " words, tokens every "
            + bench.options().delayMillis + " ms",
        "provider CPU us",
        List.of(
            new Subject(
                "past Consoul (CPU: provider's)",
                bench.calls().completion(provider.port(), "fake"),
                provider::cpuMicros,
                provider::cpuMicros,
                () -> ""),
            Subject.of(
                "through Consoul",
                bench.calls().completion(node.port(), "openai/fake"),
                node,
                provider::cpuMicros)));
  }

  private static void redisPool(Bench bench) {
    RedisServer redis = bench.redis();
    List<Subject> subjects = new ArrayList<>();
    for (int connections : new int[] {5, 20, 50, 100}) {
      NodeUnderTest node = bench.node(Map.of(
          "CONSOUL_SESSION_REDIS_URL",
          redis.url(),
          "CONSOUL_SESSION_KEY_PREFIX",
          "pool-" + connections + ":",
          "CONSOUL_ECHO_DELAY_MS",
          "0",
          "CONSOUL_REDIS_MAX_CONNECTIONS",
          "" + connections));
      subjects.add(Subject.of(
          connections + " connections at most",
          bench.calls().chat(node.port()),
          node,
          () -> Bench.cpuMicros(redis)));
    }
    bench.compare("/chat with the echo model, sessions in Redis", "Redis CPU us", subjects);
    System.out.println("Redis now has "
        + redis
            .cli("INFO", "clients")
            .toString()
            .lines()
            .filter(line -> line.startsWith("connected_clients"))
            .findFirst()
            .orElse("?"));
  }

  private static void eventLoops(Bench bench) {
    List<Subject> subjects = new ArrayList<>();
    int[][] choices = {{1, 1}, {2, 1}, {2, 2}, {4, 4}, {2, 8}};
    for (int[] choice : choices) {
      String instances = "" + choice[1];
      NodeUnderTest node = bench.node(Map.of(
          "CONSOUL_ECHO_DELAY_MS", "0",
          "CONSOUL_EVENT_LOOPS", "" + choice[0],
          "CONSOUL_GATEWAY_INSTANCES", instances,
          "CONSOUL_SESSION_INSTANCES", instances,
          "CONSOUL_PROVIDER_INSTANCES", instances));
      subjects.add(Subject.of(
          choice[0] + " event loops, " + instances + " instances",
          bench.calls().chat(node.port()),
          node));
    }
    bench.compare("/chat with the echo model, sessions in memory", "", subjects);
  }

  private static void refusals(Bench bench) {
    ProviderProcess provider = bench.provider();
    NodeUnderTest open = bench.node(provider.with());
    NodeUnderTest full = bench.node(provider.with("CONSOUL_LIMIT_CONCURRENCY", "1"));
    NodeUnderTest limited = bench.node(
        provider.with("CONSOUL_RATE_LIMIT_ENABLED", "true", "CONSOUL_DEFAULT_LIMITS", "1/day"));
    bench.calls().hang(full.port());
    bench.compare(
        "Requests that are refused, beside one that is not",
        "",
        List.of(
            Subject.of("/chat, answered", bench.calls().chat(open.port()), open),
            Subject.of("/health, answered", bench.calls().get(open.port(), "/health"), open),
            Subject.of("503 E022, node is full", bench.calls().refused(full.port(), 503), full),
            Subject.of(
                "429 E007, rate limit", bench.calls().refused(limited.port(), 429), limited)));
  }

  private static void providerPool(Bench bench) {
    ProviderProcess provider = bench.provider(50);
    List<Subject> subjects = new ArrayList<>();
    for (int connections : new int[] {5, 20, 100}) {
      NodeUnderTest node =
          bench.node(provider.with("CONSOUL_PROVIDER_MAX_CONNECTIONS", "" + connections));
      subjects.add(
          Subject.of(connections + " connections at most", bench.calls().chat(node.port()), node));
    }
    bench.compare("/chat, a provider whose first token takes 50 ms", "", subjects);
  }

  private static void creditWindow(Bench bench) {
    ProviderProcess provider = bench.provider();
    List<Subject> subjects = new ArrayList<>();
    for (int window : new int[] {16_384, 256, 1_024, 262_144}) {
      NodeUnderTest node = bench.node(provider.with("CONSOUL_CREDIT_WINDOW", "" + window));
      subjects.add(Subject.of(window + " characters", bench.calls().stream(node.port()), node));
    }
    bench.compare("/chat/stream, an answer of " + bench.options().words + " words", "", subjects);
  }

  private static void metrics(Bench bench) {
    ProviderProcess provider = bench.provider();
    List<Subject> models = new ArrayList<>();
    List<Subject> turns = new ArrayList<>();
    String[][] choices = {
      {"neither", "false", "false"},
      {"metrics", "true", "false"},
      {"metrics and access log", "true", "true"}
    };
    for (String[] choice : choices) {
      NodeUnderTest node = bench.node(
          provider.with("CONSOUL_METRICS_ENABLED", choice[1], "CONSOUL_ACCESS_LOG", choice[2]));
      models.add(Subject.of(
          "/v1/models, " + choice[0], bench.calls().get(node.port(), "/v1/models"), node));
      turns.add(Subject.of("/chat, " + choice[0], bench.calls().chat(node.port()), node));
    }
    bench.compare("What observing a small request costs", "", models);
    bench.compare("What observing a turn costs", "", turns);
  }

  private static void collectors(Bench bench) {
    ProviderProcess provider = bench.provider();
    List<Subject> turns = new ArrayList<>();
    List<Subject> streams = new ArrayList<>();
    for (String collector : List.of("Serial", "Parallel", "G1")) {
      NodeUnderTest node = bench.node(collector, provider.with());
      turns.add(Subject.of("/chat, " + collector, bench.calls().chat(node.port()), node));
      streams.add(
          Subject.of("/chat/stream, " + collector, bench.calls().stream(node.port()), node));
    }
    bench.compare("A turn, by garbage collector", "", turns);
    bench.compare("A streamed turn, by garbage collector", "", streams);
  }
}
