package io.consoul.acceptance.cluster;

import io.consoul.acceptance.NodeProcess;
import io.consoul.testkit.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a turn costs in processor time of the nodes: on three that have a kind each, and on one that has all and is in no
 * cluster. What the nodes use when nothing happens is taken off. Prints a table; run by hand.
 */
public final class ClusterTurnCost {

  private static final Duration PACE = Duration.ofMillis(5);
  private static final int AT_ONCE = 20;
  private static final int SHORT = 10;
  private static final int LONG = 400;
  private static final int SHORT_ROUNDS = 40;
  private static final int LONG_ROUNDS = 10;
  private static final int IDLE_SECONDS = 10;

  private ClusterTurnCost() {}

  /** The nodes of a fleet, and what they have cost so far. */
  private record Measured(Fleet fleet, NodeProcess gateway, List<NodeProcess> nodes) {

    long cpuMillis() {
      return nodes.stream().mapToLong(NodeProcess::cpuMillis).sum();
    }
  }

  /** Milliseconds. */
  private record Cost(double idlePerSecond, double turn, double token) {}

  public static void main(String[] none) throws Exception {
    Cost alone = of(Files.createTempDirectory("consoul-alone"), false);
    Cost split = of(Files.createTempDirectory("consoul-split"), true);
    System.out.printf("%-34s %14s %14s %14s%n", "", "idle, ms/s", "turn, ms", "token, µs");
    print("one JVM with all", alone);
    print("gateway | session | provider", split);
    System.out.printf(
        "%-34s %14.2f %14.2f %14.2f%n",
        "ratio",
        split.idlePerSecond() / alone.idlePerSecond(),
        split.turn() / alone.turn(),
        split.token() / alone.token());
  }

  private static void print(String what, Cost cost) {
    System.out.printf(
        "%-34s %14.2f %14.2f %14.1f%n",
        what, cost.idlePerSecond(), cost.turn(), 1_000 * cost.token());
  }

  private static Cost of(Path home, boolean split) throws Exception {
    try (Fleet fleet = Fleet.of(home, 3)) {
      fleet.model().answer(Script.echo().delayEach(PACE)).forgetful();
      return of(split ? split(fleet) : alone(fleet));
    }
  }

  private static Measured split(Fleet fleet) {
    NodeProcess gateway = fleet.node("gateway", "gc");
    List<NodeProcess> nodes = List.of(gateway, fleet.node("session"), fleet.node("provider"));
    fleet.start(gateway);
    return new Measured(fleet, gateway, nodes);
  }

  private static Measured alone(Fleet fleet) {
    NodeProcess node = fleet.nodeAlone().start().awaitUp();
    return new Measured(fleet, node, List.of(node));
  }

  private static Cost of(Measured measured) throws InterruptedException {
    rounds(measured, "warm-long", LONG, LONG_ROUNDS);
    rounds(measured, "warm", SHORT, 2 * SHORT_ROUNDS);
    long before = measured.cpuMillis();
    TimeUnit.SECONDS.sleep(IDLE_SECONDS);
    double idle = (measured.cpuMillis() - before) / (double) IDLE_SECONDS;
    double shortTurn = rounds(measured, "short", SHORT, SHORT_ROUNDS, idle);
    double longTurn = rounds(measured, "long", LONG, LONG_ROUNDS, idle);
    double token = (longTurn - shortTurn) / (LONG - SHORT);
    return new Cost(idle, shortTurn - SHORT * token, token);
  }

  private static void rounds(Measured measured, String name, int words, int rounds) {
    rounds(measured, name, words, rounds, 0);
  }

  /** @return milliseconds a turn */
  private static double rounds(
      Measured measured, String name, int words, int rounds, double idlePerSecond) {
    Entrances nodes = measured.fleet().entrances(measured.gateway());
    long cpu = measured.cpuMillis();
    long begin = System.nanoTime();
    for (int round = 0; round < rounds; round++) {
      Crowd crowd = Crowd.ask(name + "-" + round, AT_ONCE, words, nodes).awaitEnd();
      for (Turn turn : crowd.turns()) {
        if (!turn.transcript().text().equals(turn.answer())) {
          throw new AssertionError(turn);
        }
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return (measured.cpuMillis() - cpu - seconds * idlePerSecond) / (rounds * AT_ONCE);
  }
}
