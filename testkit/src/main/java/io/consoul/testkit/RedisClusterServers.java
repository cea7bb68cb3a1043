package io.consoul.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A real Redis Cluster of three masters without replicas, each in a process of its own on loopback. */
public final class RedisClusterServers implements AutoCloseable {

  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;

  /** A server talks to the others on its port plus this. */
  private static final int BUS = 10_000;

  private static final Duration FORMING = Duration.ofSeconds(60);

  private final List<RedisServer> masters;

  private RedisClusterServers(List<RedisServer> masters) {
    this.masters = masters;
  }

  /** Returns when every server knows that the cluster is whole. */
  public static RedisClusterServers start() {
    List<RedisServer> masters = new ArrayList<>();
    RedisClusterServers cluster = new RedisClusterServers(masters);
    try {
      for (int i = 0; i < MASTERS; i++) {
        masters.add(startMaster());
      }
      cluster.form();
      return cluster;
    } catch (RuntimeException | Error failed) {
      cluster.close();
      throw failed;
    }
  }

  public List<RedisServer> masters() {
    return List.copyOf(masters);
  }

  /** All of them, separated by commas. */
  public String urls() {
    return masters.stream().map(RedisServer::url).collect(Collectors.joining(","));
  }

  /** Moves a slot, with what is in it, to another master, as a resharding does; all masters that run know it then. */
  public void move(int slot, RedisServer from, RedisServer to) {
    String number = Integer.toString(slot);
    to.cli("CLUSTER", "SETSLOT", number, "IMPORTING", id(from));
    from.cli("CLUSTER", "SETSLOT", number, "MIGRATING", id(to));
    for (Object key : (List<?>) from.cli("CLUSTER", "GETKEYSINSLOT", number, "1000")) {
      from.cli("MIGRATE", "127.0.0.1", Integer.toString(to.port()), key.toString(), "0", "30000");
    }
    for (RedisServer each : List.of(to, from)) {
      each.cli("CLUSTER", "SETSLOT", number, "NODE", id(to));
    }
    // Before the others have heard of it, what one of them says of older moves may undo this one.
    await(() -> masters.stream().map(RedisClusterServers::owners).distinct().count() == 1);
  }

  /** Who has which slots since which epoch, as this server has heard. */
  private static Set<String> owners(RedisServer server) {
    return server
        .cli("CLUSTER", "NODES")
        .toString()
        .lines()
        .map(line -> line.split(" "))
        .map(node -> node[0] + " " + node[6] + " "
            + Arrays.stream(node)
                .skip(8)
                .filter(slots -> !slots.startsWith("["))
                .collect(Collectors.joining(" ")))
        .collect(Collectors.toSet());
  }

  @Override
  public void close() {
    masters.forEach(RedisServer::close);
  }

  private void form() {
    for (int i = 0; i < MASTERS; i++) {
      List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
      IntStream.range(i * SLOTS / MASTERS, (i + 1) * SLOTS / MASTERS)
          .mapToObj(Integer::toString)
          .forEach(command::add);
      masters.get(i).cli(command.toArray(String[]::new));
      masters.get(i).cli("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
    }
    for (RedisServer other : masters.subList(1, MASTERS)) {
      masters.get(0).cli("CLUSTER", "MEET", "127.0.0.1", Integer.toString(other.port()));
    }
    await(() -> masters.stream().allMatch(RedisClusterServers::isWhole));
  }

  private static boolean isWhole(RedisServer master) {
    String info = master.cli("CLUSTER", "INFO").toString();
    return info.contains("cluster_state:ok")
        && info.contains("cluster_known_nodes:" + MASTERS)
        && info.contains("cluster_size:" + MASTERS);
  }

  private static RedisServer startMaster() {
    return RedisServer.startOn(
        Ports.freeWith(BUS),
        "--cluster-enabled",
        "yes",
        "--cluster-config-file",
        "nodes.conf",
        "--cluster-node-timeout",
        "2000",
        "--appendonly",
        "yes",
        "--appendfsync",
        "no");
  }

  private static String id(RedisServer server) {
    return server.cli("CLUSTER", "MYID").toString();
  }

  static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + FORMING.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the servers did not come together within " + FORMING);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", interrupted);
      }
    }
  }
}
