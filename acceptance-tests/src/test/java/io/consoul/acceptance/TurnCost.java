package io.consoul.acceptance;

import io.consoul.testkit.ChatClient;
import io.consoul.testkit.HttpAnswer;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * What a turn costs, as Redis counts it: commands and bytes; and processor time of the node. Prints two tables; run by hand.
 * The model is the echo without a delay.
 */
public final class TurnCost implements AutoCloseable {

  private static final int TURNS = 1_000;
  private static final int SHORT = 10;
  private static final int LONG = 1_000;
  private static final int SAMPLE = 200;
  private static final int AT_ONCE = 4;

  private static final Pattern COMMAND = Pattern.compile("(?m)^cmdstat_([a-z|]+):calls=(\\d+)");

  private final Vertx vertx = Vertx.vertx();
  private final RedisServer redis = RedisServer.start();
  private final RedisConsole console = new RedisConsole(redis);
  private final List<NodeProcess> nodes = new ArrayList<>();
  private final List<ChatClient> clients = new ArrayList<>();

  private TurnCost(Path folder) {
    for (String name : List.of("one", "other")) {
      nodes.add(NodeProcess.onRedis(folder.resolve(name), redis, "CONSOUL_ECHO_DELAY_MS", "0")
          .start());
    }
    for (NodeProcess node : nodes) {
      clients.add(new ChatClient(vertx, node.awaitUp().port()).withLimit(Duration.ofSeconds(30)));
    }
  }

  public static void main(String[] none) throws Exception {
    try (TurnCost cost = new TurnCost(Files.createTempDirectory("consoul-cost"))) {
      cost.warmUp();
      cost.commands();
      cost.lengths();
    }
  }

  private void warmUp() {
    for (ChatClient client : clients) {
      turns(TURNS, turn -> client.beginChat("warm-" + turn % 50, text(turn)));
    }
  }

  /** Scripts count as one each; what they call is counted by Redis as well, and listed apart by MONITOR's mark. */
  private void commands() throws InterruptedException {
    ChatClient client = clients.get(0);
    Map<String, Integer> sent;
    console.run("CONFIG", "RESETSTAT");
    try (RedisMonitor monitor = RedisMonitor.of(redis)) {
      turns(TURNS, turn -> client.beginChat("count-" + turn % 50, text(turn)));
      TimeUnit.SECONDS.sleep(1);
      sent = monitor.sent();
    }
    Map<String, Long> counted = new TreeMap<>();
    COMMAND
        .matcher(console.run("INFO", "commandstats"))
        .results()
        .forEach(found -> counted.put(found.group(1), Long.parseLong(found.group(2))));
    System.out.printf(
        "Commands that Redis got from two nodes (one of them idle), %d turns%n", TURNS);
    System.out.printf("%-20s %12s %12s%n", "command", "round trips", "per turn");
    new TreeMap<>(sent)
        .forEach((command, calls) ->
            System.out.printf("%-20s %12d %12.3f%n", command, calls, calls / (double) TURNS));
    System.out.printf(
        "INFO commandstats: evalsha %d, that is %.3f per turn; in all (also within scripts): %s%n",
        counted.getOrDefault("evalsha", 0L),
        counted.getOrDefault("evalsha", 0L) / (double) TURNS,
        counted);
  }

  private void lengths() {
    System.out.printf(
        "%-46s %10s %10s %10s %10s%n", "turn at", "evalsha", "bytes in", "bytes out", "CPU ms");
    ChatClient one = clients.get(0);
    ChatClient other = clients.get(1);
    int sessions = SAMPLE / SHORT;
    for (int session = 0; session < sessions; session++) {
      String name = "short-" + session;
      fill(name, SHORT - SHORT / 2);
    }
    measure(
        "length " + SHORT, turn -> one.beginChat("short-" + turn % sessions, text(turn)), sessions);
    fill("long", LONG - SAMPLE / 2);
    measure("length " + LONG, turn -> one.beginChat("long", text(turn)), 1);
    fill("moved", LONG - SAMPLE / 2);
    measure(
        "length " + LONG + ", at two nodes in turn",
        turn -> (turn % 2 == 0 ? one : other).beginChat("moved", text(turn)),
        1);
  }

  /** Lets a session grow to so many turns. */
  private void fill(String session, int turns) {
    for (int turn = 0; turn < turns; turn++) {
      join(clients.get(0).beginChat(session, text(turn)));
    }
  }

  private void measure(String what, Turn turn, int atOnce) {
    long evalsha = console.info("commandstats", "cmdstat_evalsha:calls");
    long in = console.info("stats", "total_net_input_bytes");
    long out = console.info("stats", "total_net_output_bytes");
    long cpu = cpuMillis();
    turns(SAMPLE, Math.min(atOnce, AT_ONCE), turn);
    System.out.printf(
        "%-46s %10.2f %10.0f %10.0f %10.2f%n",
        what,
        (console.info("commandstats", "cmdstat_evalsha:calls") - evalsha) / (double) SAMPLE,
        (console.info("stats", "total_net_input_bytes") - in) / (double) SAMPLE,
        (console.info("stats", "total_net_output_bytes") - out) / (double) SAMPLE,
        (cpuMillis() - cpu) / (double) SAMPLE);
  }

  private void turns(int count, Turn turn) {
    turns(count, AT_ONCE, turn);
  }

  private static void turns(int count, int atOnce, Turn turn) {
    for (int first = 0; first < count; first += atOnce) {
      List<Future<HttpAnswer>> batch = new ArrayList<>();
      for (int i = first; i < Math.min(count, first + atOnce); i++) {
        batch.add(turn.begin(i));
      }
      batch.forEach(TurnCost::join);
    }
  }

  private static void join(Future<HttpAnswer> answer) {
    HttpAnswer come = answer.toCompletionStage().toCompletableFuture().join();
    if (come.status() != 200) {
      throw new AssertionError(come.toString());
    }
  }

  private static String text(int turn) {
    return "message number " + turn + " of this measurement";
  }

  private long cpuMillis() {
    return nodes.stream().mapToLong(NodeProcess::cpuMillis).sum();
  }

  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
    vertx.close().toCompletionStage().toCompletableFuture().join();
    redis.close();
  }

  private interface Turn {
    Future<HttpAnswer> begin(int number);
  }
}
