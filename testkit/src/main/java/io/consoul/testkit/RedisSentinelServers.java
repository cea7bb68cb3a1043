package io.consoul.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A real master with a replica, and three sentinels that take a second to see that the master is away, each in a process of
 * its own on loopback.
 */
public final class RedisSentinelServers implements AutoCloseable {

  /** What the sentinels call the master. */
  public static final String MASTER_NAME = "mymaster";

  private static final int SENTINELS = 3;

  private final RedisServer master;
  private final RedisServer replica;
  private final List<RedisServer> sentinels = new ArrayList<>();

  private RedisSentinelServers(RedisServer master, RedisServer replica) {
    this.master = master;
    this.replica = replica;
  }

  /** Returns when the sentinels know each other and the replica. */
  public static RedisSentinelServers start() {
    RedisServer master = RedisServer.start();
    RedisServer replica = master.startReplica();
    RedisSentinelServers servers = new RedisSentinelServers(master, replica);
    try {
      for (int i = 0; i < SENTINELS; i++) {
        servers.sentinels.add(RedisServer.startSentinel(List.of(
            "sentinel monitor " + MASTER_NAME + " 127.0.0.1 " + master.port() + " 2",
            "sentinel down-after-milliseconds " + MASTER_NAME + " 1000",
            "sentinel failover-timeout " + MASTER_NAME + " 5000")));
      }
      RedisClusterServers.await(
          () -> servers.sentinels.stream().allMatch(sentinel -> servers.knowsAll(sentinel)));
      return servers;
    } catch (RuntimeException | Error failed) {
      servers.close();
      throw failed;
    }
  }

  /** The one that is the master at the start. */
  public RedisServer master() {
    return master;
  }

  public RedisServer replica() {
    return replica;
  }

  /** The sentinels', separated by commas. */
  public String urls() {
    return sentinels.stream().map(RedisServer::url).collect(Collectors.joining(","));
  }

  /** The port of the one that is the master now, as the first sentinel says. */
  public int masterPort() {
    List<?> address =
        (List<?>) sentinels.get(0).cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME);
    return Integer.parseInt(address.get(1).toString());
  }

  /** Has the replica made the master, as before work on the master's machine. */
  public void failOver() {
    sentinels.get(0).cli("SENTINEL", "FAILOVER", MASTER_NAME);
  }

  @Override
  public void close() {
    sentinels.forEach(RedisServer::close);
    replica.close();
    master.close();
  }

  private boolean knowsAll(RedisServer sentinel) {
    return ((List<?>) sentinel.cli("SENTINEL", "SENTINELS", MASTER_NAME)).size() == SENTINELS - 1
        && ((List<?>) sentinel.cli("SENTINEL", "REPLICAS", MASTER_NAME)).size() == 1
        && replica.cli("INFO", "replication").toString().contains("master_link_status:up");
  }
}
