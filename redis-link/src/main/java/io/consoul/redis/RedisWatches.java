package io.consoul.redis;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import io.vertx.core.shareddata.Shareable;
import java.util.random.RandomGenerator;

/**
 * The watch that the instances of one JVM with the same use for the same Redis share: the first one starts it, and with the last
 * one it ends.
 */
final class RedisWatches {

  private static final String MAP = "consoul.redis";

  private record Shared(Future<RedisWatch> watch, int users) implements Shareable {}

  /** @return completes on the context that calls; fails with {@link RedisUnreachable} where Redis does not work and nothing can stand in for it */
  static Future<RedisWatch> join(
      Vertx vertx,
      RedisConfig config,
      RedisUse use,
      RandomGenerator random,
      RedisPace pace,
      MeterRegistry meters) {
    Context caller = vertx.getOrCreateContext();
    Promise<RedisWatch> joined = Promise.promise();
    map(vertx)
        .compute(
            name(config, use),
            (name, shared) -> shared != null
                ? new Shared(shared.watch, shared.users + 1)
                : new Shared(new RedisWatch(vertx, config, use, random, pace, meters).start(), 1))
        .watch
        .onFailure(failure -> leave(vertx, config, use))
        .onComplete(started -> caller.runOnContext(now -> joined.handle(started)));
    return joined.future();
  }

  /** To be called once by whom {@link #join} has given the watch. */
  static Future<Void> leave(Vertx vertx, RedisConfig config, RedisUse use) {
    Future<?>[] closing = {Future.succeededFuture()};
    map(vertx).computeIfPresent(name(config, use), (name, shared) -> {
      if (shared.users > 1) {
        return new Shared(shared.watch, shared.users - 1);
      }
      closing[0] = shared.watch.transform(
          started -> started.succeeded() ? started.result().close() : Future.succeededFuture());
      return null;
    });
    return closing[0].mapEmpty();
  }

  private static LocalMap<String, Shared> map(Vertx vertx) {
    return vertx.sharedData().getLocalMap(MAP);
  }

  private static String name(RedisConfig config, RedisUse use) {
    return use.keyPrefix() + " " + config.addresses();
  }

  private RedisWatches() {}
}
