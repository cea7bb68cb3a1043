package io.consoul.acceptance.ledger;

import io.consoul.acceptance.NodeProcess;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills, pauses and cuts at random while turns are under way, and mends each after a while. Mishaps of different servers
 * overlap; all are mended when {@link #run} returns.
 */
final class Nemesis implements Runnable {

  private static final int SHORTEST_CALM_MILLIS = 300;
  private static final int LONGEST_CALM_MILLIS = 2_500;

  /** Longer than a lease (5 s), so that a node that wakes up finds that others went on. */
  private static final int NODE_PAUSE_MILLIS = 6_500;

  private static final int LONGEST_REDIS_PAUSE_MILLIS = 6_500;
  private static final int LONGEST_REDIS_OUTAGE_MILLIS = 4_000;

  private record Mending(long due, Object server, Runnable work) {}

  private final Servers servers;
  private final List<Mishap> possible;
  private final Random random;
  private final long until;
  private final Map<Mishap, Integer> counts = new EnumMap<>(Mishap.class);
  private final Set<Object> broken = new HashSet<>();
  private final PriorityQueue<Mending> mendings =
      new PriorityQueue<>((one, other) -> Long.compare(one.due(), other.due()));
  private final List<String> diary = new ArrayList<>();
  private final long start = System.nanoTime();

  /** @param until when the last mishap may happen, in nanoseconds */
  Nemesis(Servers servers, List<Mishap> possible, Random random, long until) {
    this.servers = servers;
    this.possible = possible;
    this.random = random;
    this.until = until;
  }

  @Override
  public void run() {
    long next = System.nanoTime() + calm();
    while (System.nanoTime() < until && !possible.isEmpty()) {
      if (System.nanoTime() >= next) {
        happen(possible.get(random.nextInt(possible.size())));
        next = System.nanoTime() + calm();
      }
      mend(System.nanoTime());
      supervise();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    mend(Long.MAX_VALUE);
  }

  int count(Mishap mishap) {
    return counts.getOrDefault(mishap, 0);
  }

  /** What happened when, a line each. */
  List<String> diary() {
    return diary;
  }

  private void happen(Mishap mishap) {
    NodeProcess node = servers.nodes().get(random.nextInt(servers.nodes().size()));
    switch (mishap) {
      case KILL_NODE:
        strike(mishap, node, random.nextInt(1_500), node::kill, node::start);
        break;
      case PAUSE_NODE:
        strike(mishap, node, NODE_PAUSE_MILLIS, node::pause, node::resume);
        break;
      case KILL_REDIS:
        strike(
            mishap,
            servers.redis(),
            random.nextInt(LONGEST_REDIS_OUTAGE_MILLIS),
            servers.redis()::kill,
            servers.redis()::restart);
        break;
      case PAUSE_REDIS:
        strike(
            mishap,
            servers.redis(),
            random.nextInt(LONGEST_REDIS_PAUSE_MILLIS),
            servers.redis()::pause,
            servers.redis()::resume);
        break;
      case CUT_REDIS:
        strike(mishap, servers.redis(), 0, servers.console()::cutConnections, () -> {});
        break;
    }
  }

  /** Nothing happens to what is broken already, nor to a node that is still starting. */
  private void strike(Mishap mishap, Object server, int millis, Runnable harm, Runnable mending) {
    boolean starting = server instanceof NodeProcess node && !node.isUp();
    if (starting || !broken.add(server)) {
      return;
    }
    diary.add(seconds() + " " + mishap + " " + name(server) + " for " + millis + " ms");
    counts.merge(mishap, 1, Integer::sum);
    harm.run();
    mendings.add(
        new Mending(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), server, mending));
  }

  private void mend(long now) {
    while (!mendings.isEmpty() && mendings.peek().due() <= now) {
      Mending mending = mendings.poll();
      mending.work().run();
      broken.remove(mending.server());
      diary.add(seconds() + " mended " + name(mending.server()));
    }
  }

  private void supervise() {
    for (NodeProcess node : servers.nodes()) {
      if (!broken.contains(node) && Servers.startAgain(node)) {
        diary.add(seconds() + " started again " + name(node));
      }
    }
  }

  private long calm() {
    return TimeUnit.MILLISECONDS.toNanos(
        SHORTEST_CALM_MILLIS + random.nextInt(LONGEST_CALM_MILLIS - SHORTEST_CALM_MILLIS));
  }

  private String name(Object server) {
    return server instanceof NodeProcess node ? "node " + servers.nodes().indexOf(node) : "Redis";
  }

  private String seconds() {
    return String.format("%6.2f", (System.nanoTime() - start) / 1e9);
  }
}
