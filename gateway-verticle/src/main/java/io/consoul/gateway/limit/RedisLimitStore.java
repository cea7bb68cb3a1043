package io.consoul.gateway.limit;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.redis.RedisConfig;
import io.consoul.redis.RedisHealth;
import io.consoul.redis.RedisLink;
import io.consoul.redis.RedisScript;
import io.consoul.redis.RedisUse;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Keeps what was charged in Redis, so that all nodes count together: one script for each charge, by Redis's clock. A charge
 * whose answer was lost is charged once more: rather too much than too little. Belongs to the event loop that opens it.
 */
public final class RedisLimitStore implements LimitStore {

  private static final RedisScript CHARGE =
      RedisScript.read(RedisLimitStore.class, "/redis/charge.lua");

  private final RedisLink redis;
  private final LimitKeys keys;
  private final boolean moving;
  private final Consumer<String> refusals;

  private RedisLimitStore(
      RedisLink redis, LimitKeys keys, boolean moving, Consumer<String> refusals) {
    this.redis = redis;
    this.keys = keys;
    this.moving = moving;
    this.refusals = refusals;
  }

  /**
   * @param config of a Redis; what its section in the configuration is called is the caller's affair
   * @param use what is kept, and under which prefix
   * @param moving whether a window is any stretch of its length, or else one of the calendar's
   * @param refusals told of each charge that Redis refuses: the first word of why
   * @param instances that share what the node may use of Redis
   * @return fails with {@link io.consoul.redis.RedisUnreachable} where Redis does not work and nothing can stand in for it
   */
  public static Future<RedisLimitStore> open(
      Vertx vertx,
      RedisConfig config,
      RedisUse use,
      boolean moving,
      Consumer<String> refusals,
      int instances,
      RandomGenerator random,
      MeterRegistry meters) {
    return RedisLink.open(vertx, config, use, instances, random, meters)
        .map(link -> new RedisLimitStore(link, new LimitKeys(use.keyPrefix()), moving, refusals));
  }

  @Override
  public Future<Verdict> charge(String who, List<Window> windows, int cost) {
    LimitKeys.OfCaller caller = keys.of(who);
    List<String> names = new ArrayList<>(windows.size());
    List<String> arguments = new ArrayList<>(1 + 3 * windows.size());
    arguments.add(Integer.toString(cost));
    for (Window window : windows) {
      WindowKind kind = WindowKind.of(window, moving);
      names.add(caller.key(kind, window));
      arguments.add(kind.name().toLowerCase(Locale.ROOT));
      arguments.add(Integer.toString(window.limit()));
      arguments.add(Long.toString(window.length().toMillis()));
    }
    return redis
        .run(CHARGE, names, arguments)
        .transform(reply -> reply.succeeded()
            ? Future.succeededFuture(verdict(reply.result()))
            : Future.failedFuture(refused(reply.cause())));
  }

  /** Whether Redis is there. */
  public RedisHealth health() {
    return redis.health();
  }

  /** On the event loop that it belongs to. */
  public Future<Void> close() {
    return redis.close();
  }

  private static Verdict verdict(Response reply) {
    return new Verdict(
        reply.get(0).toInteger() == 1,
        reply.get(1).toInteger(),
        reply.get(2).toInteger(),
        Duration.ofMillis(reply.get(3).toLong()),
        Duration.ofMillis(reply.get(4).toLong()));
  }

  /** Out of its wits or its rights: whatever it is, nothing can be counted there. */
  private Throwable refused(Throwable failure) {
    if (failure instanceof FaultException) {
      return failure;
    }
    // The first word only: the rest may quote what Redis was given.
    refusals.accept(String.valueOf(failure.getMessage()).split("\\s", 2)[0]);
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        1, "the store of the rate limits refused a step; try again in a moment");
  }
}
