package io.consoul.session;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import io.vertx.core.shareddata.Shareable;
import java.util.random.RandomGenerator;

/** The watch that the session instances of one JVM share: the first one starts it, and with the last one it ends. */
final class RedisWatches {

  private static final String MAP = "consoul.session.redis";

  private record Shared(Future<RedisWatch> watch, int users) implements Shareable {}

  /** @return completes on the context that calls; fails with {@link RedisUnreachable} where Redis does not work and nothing can stand in for it */
  static Future<RedisWatch> join(Vertx vertx, SessionConfig config, RandomGenerator random) {
    RedisConfig redis = config.redis();
    Context caller = vertx.getOrCreateContext();
    Promise<RedisWatch> joined = Promise.promise();
    map(vertx)
        .compute(
            name(config),
            (name, shared) -> shared != null
                ? new Shared(shared.watch, shared.users + 1)
                : new Shared(
                    new RedisWatch(
                            vertx,
                            redis,
                            new RedisKeys(config.keyPrefix()),
                            random,
                            RedisWatch.Pace.of(redis))
                        .start(),
                    1))
        .watch
        .onFailure(failure -> leave(vertx, config))
        .onComplete(started -> caller.runOnContext(now -> joined.handle(started)));
    return joined.future();
  }

  /** To be called once by whom {@link #join} has given the watch. */
  static Future<Void> leave(Vertx vertx, SessionConfig config) {
    Future<?>[] closing = {Future.succeededFuture()};
    map(vertx).computeIfPresent(name(config), (name, shared) -> {
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

  private static String name(SessionConfig config) {
    return config.keyPrefix() + " " + config.redis().addresses();
  }

  private RedisWatches() {}
}
