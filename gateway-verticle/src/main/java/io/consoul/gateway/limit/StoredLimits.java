package io.consoul.gateway.limit;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.key.Caller;
import io.consoul.node.Node;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The limits as they are configured, counted in Redis for all nodes; in the memory of this node where there is no Redis, or
 * while it is away and the configuration says so. In memory each node gives its share of a limit. Confined to one event loop.
 */
public final class StoredLimits implements Limits {

  private final Supplier<LimitConfig> config;
  private final LimitStore redis;
  private final RedisHealth health;
  private final LimitStore memory;
  private final LiveGateways gateways;
  private final LimitMeters meters;
  private final NodeLimits shared;
  private final boolean fallback;
  private Runnable deaf = () -> {};

  private StoredLimits(
      Supplier<LimitConfig> config,
      Node node,
      NodeLimits shared,
      LimitStore redis,
      RedisHealth health) {
    LimitConfig atStart = config.get();
    this.config = config;
    this.shared = shared;
    this.redis = redis;
    this.health = health;
    this.memory = new MemoryLimitStore(shared.ledgers(), node.clock(), atStart.strategy());
    this.gateways = new LiveGateways(node.directory(), node.clock());
    this.meters = new LimitMeters(node.meters(), atStart);
    this.fallback = atStart.redis().fallback().enabled();
  }

  /** @param config as it is at the moment */
  public static StoredLimits inMemory(Supplier<LimitConfig> config, Node node, NodeLimits shared) {
    shared.countIn(NodeLimits.Place.MEMORY);
    return new StoredLimits(config, node, shared, null, null);
  }

  /**
   * For the event loop that calls.
   *
   * @param config as it is at the moment
   * @param health of the Redis that the store is in
   */
  public static StoredLimits inRedis(
      Supplier<LimitConfig> config,
      Node node,
      NodeLimits shared,
      LimitStore redis,
      RedisHealth health) {
    StoredLimits limits = new StoredLimits(config, node, shared, redis, health);
    limits.watch();
    if (shared.isFirstToShow()) {
      limits.meters.show(shared);
    }
    return limits;
  }

  @Override
  public Future<Optional<Verdict>> charge(Caller caller, int cost) {
    LimitConfig current = config.get();
    List<Window> windows = current.windows(current.tierOf(caller));
    if (!current.enabled() || windows.isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    int smallest = windows.stream().mapToInt(Window::limit).min().orElseThrow();
    int charged = cost > smallest ? 1 : cost;
    return charge(Subject.of(caller), windows, charged).map(verdict -> {
      if (!verdict.admitted()) {
        meters.refused(current.tierOf(caller)).increment();
        return Optional.of(verdict);
      }
      return Optional.of(cost > smallest ? forGood(verdict, smallest) : verdict);
    });
  }

  @Override
  public boolean hasTier(Caller caller) {
    return config.get().tierOf(caller) != null;
  }

  private static Verdict forGood(Verdict charged, int limit) {
    return new Verdict(false, limit, charged.remaining(), charged.reset(), Duration.ZERO);
  }

  /** Hears no more of Redis. */
  void close() {
    deaf.run();
  }

  private Future<Verdict> charge(String who, List<Window> windows, int cost) {
    if (redis == null || (fallback && health.isDown())) {
      return chargeHere(who, windows, cost);
    }
    Future<Verdict> charged = redis.charge(who, windows, cost);
    return fallback
        ? charged.recover(failure ->
            isUnavailable(failure) ? chargeHere(who, windows, cost) : Future.failedFuture(failure))
        : charged;
  }

  /** A cost above the share, but not above the limit, takes the whole share: else it could not be had while Redis is away. */
  private Future<Verdict> chargeHere(String who, List<Window> windows, int cost) {
    int nodes = gateways.nodes();
    List<Window> shares = windows.stream().map(window -> window.share(nodes)).toList();
    int most = shares.stream().mapToInt(Window::limit).min().orElse(cost);
    return memory.charge(who, shares, Math.min(cost, most));
  }

  private void watch() {
    NodeLimits.Place away = fallback ? NodeLimits.Place.DEGRADED : NodeLimits.Place.DOWN;
    deaf = health.listen(new RedisHealth.Listener() {
      @Override
      public void wentDown() {
        shared.countIn(away);
      }

      @Override
      public void cameBack(RedisHealth.Came came) {
        shared.countIn(NodeLimits.Place.REDIS);
      }
    });
    // Afterwards: what happens from here on is told later than this is looked at.
    shared.countIn(health.isDown() ? away : NodeLimits.Place.REDIS);
  }

  private static boolean isUnavailable(Throwable failure) {
    return failure instanceof FaultException fault
        && fault.fault() == Fault.SESSION_STORAGE_UNAVAILABLE;
  }
}
