package io.consoul.acceptance.ledger;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one run of the ledger consists of.
 *
 * @param nodes processes that serve
 * @param fallback whether turns go on without Redis
 * @param clustered whether the nodes know each other, two at most
 * @param clients that send one turn after the other
 * @param hotSessions that all clients share; each has one of its own besides
 * @param mishaps that may happen; the more often one is listed, the likelier
 * @param seed of everything that is random
 */
public record LedgerPlan(
    String name,
    int nodes,
    Store store,
    boolean fallback,
    boolean clustered,
    Duration length,
    int clients,
    int hotSessions,
    List<Mishap> mishaps,
    long seed) {

  /** Where the sessions are kept. */
  public enum Store {
    MEMORY,
    /** What it has acknowledged is on disk. */
    REDIS,
    /** A kill leaves it empty: what was acknowledged a moment ago, the nodes offer it again. */
    FORGETFUL_REDIS
  }

  /** One node with its sessions in memory and nothing that goes wrong. */
  public static LedgerPlan quiet(String name) {
    return new LedgerPlan(
        name,
        1,
        Store.MEMORY,
        false,
        false,
        Duration.ofSeconds(3),
        6,
        2,
        List.of(),
        System.nanoTime());
  }

  /** Of words like {@code nodes=2 store=redis fallback=on seconds=60 mishaps=kill_node,pause_redis seed=7}. */
  static LedgerPlan of(String... words) {
    Map<String, String> set = Stream.of(words)
        .map(word -> word.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    return new LedgerPlan(
        set.getOrDefault("name", "ledger"),
        Integer.parseInt(set.getOrDefault("nodes", "1")),
        Store.valueOf(set.getOrDefault("store", "memory").toUpperCase(Locale.ROOT)),
        set.getOrDefault("fallback", "off").equals("on"),
        set.getOrDefault("clustered", "off").equals("on"),
        Duration.ofSeconds(Long.parseLong(set.getOrDefault("seconds", "20"))),
        Integer.parseInt(set.getOrDefault("clients", "6")),
        Integer.parseInt(set.getOrDefault("hot", "2")),
        Arrays.stream(set.getOrDefault("mishaps", "").split(","))
            .filter(mishap -> !mishap.isBlank())
            .map(mishap -> Mishap.valueOf(mishap.toUpperCase(Locale.ROOT)))
            .toList(),
        Long.parseLong(set.getOrDefault("seed", "" + System.nanoTime())));
  }

  public LedgerPlan onRedis(int nodeCount, Mishap... possible) {
    return new LedgerPlan(
        name,
        nodeCount,
        Store.REDIS,
        fallback,
        clustered,
        length,
        clients,
        hotSessions,
        List.of(possible),
        seed);
  }

  public LedgerPlan onForgetfulRedis() {
    return new LedgerPlan(
        name,
        nodes,
        Store.FORGETFUL_REDIS,
        fallback,
        clustered,
        length,
        clients,
        hotSessions,
        mishaps,
        seed);
  }

  public LedgerPlan withFallback() {
    return new LedgerPlan(
        name, nodes, store, true, clustered, length, clients, hotSessions, mishaps, seed);
  }

  public LedgerPlan inCluster() {
    return new LedgerPlan(
        name, nodes, store, fallback, true, length, clients, hotSessions, mishaps, seed);
  }

  public LedgerPlan lasting(Duration duration) {
    return new LedgerPlan(
        name, nodes, store, fallback, clustered, duration, clients, hotSessions, mishaps, seed);
  }
}
