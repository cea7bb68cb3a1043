package io.consoul.gateway.limit;

import io.consoul.node.Node;
import io.consoul.redis.RedisUse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/**
 * The limits of one gateway instance, and what it has open for them.
 *
 * @param closing to be called on the event loop that has opened them
 */
public record OpenLimits(Limits limits, Supplier<Future<Void>> closing) {

  /**
   * For the event loop that calls.
   *
   * @param config as it is at the moment; where and how to count is as it was at the start
   * @param instances of the node's gateway
   * @return fails with {@link io.consoul.redis.RedisUnreachable} where Redis does not work and nothing can stand in for it
   */
  public static Future<OpenLimits> open(
      Vertx vertx, Supplier<LimitConfig> config, int instances, Node node, NodeLimits shared) {
    LimitConfig atStart = config.get();
    if (!atStart.redis().isConfigured()) {
      return Future.succeededFuture(
          new OpenLimits(StoredLimits.inMemory(config, node, shared), Future::succeededFuture));
    }
    return RedisLimitStore.open(
            vertx,
            atStart.redis(),
            use(atStart.keyPrefix()),
            atStart.strategy() == Strategy.MOVING_WINDOW,
            code -> shared.refusals().refused(code, node.clock()),
            instances,
            node.random(),
            node.meters())
        .map(store -> {
          StoredLimits limits = StoredLimits.inRedis(config, node, shared, store, store.health());
          return new OpenLimits(limits, () -> {
            limits.close();
            return store.close();
          });
        });
  }

  private static RedisUse use(String keyPrefix) {
    return new RedisUse(
        "rate_limit",
        "count for the rate limits",
        "the store of the rate limits",
        "CONSOUL_RATE_LIMIT_REDIS_URL",
        keyPrefix.endsWith(":") ? keyPrefix : keyPrefix + ":");
  }

  public Future<Void> close() {
    return closing.get();
  }
}
