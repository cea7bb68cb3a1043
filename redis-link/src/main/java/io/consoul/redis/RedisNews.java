package io.consoul.redis;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells whoever listens when Redis goes and comes, each on the context on which it was added. */
final class RedisNews {

  private static final Logger log = LoggerFactory.getLogger(RedisNews.class);

  private record Hearer(Context context, RedisHealth.Listener listener) {
    void tell(Consumer<RedisHealth.Listener> news) {
      context.runOnContext(now -> news.accept(listener));
    }
  }

  private final Vertx vertx;
  private final RedisConfig config;
  private final List<Hearer> hearers = new CopyOnWriteArrayList<>();

  RedisNews(Vertx vertx, RedisConfig config) {
    this.vertx = vertx;
    this.config = config;
  }

  /** As {@link RedisHealth#listen}. */
  Runnable listen(RedisHealth.Listener listener) {
    Hearer hearer = new Hearer(vertx.getOrCreateContext(), listener);
    hearers.add(hearer);
    return () -> hearers.remove(hearer);
  }

  void wentDown() {
    hearers.forEach(hearer -> hearer.tell(RedisHealth.Listener::wentDown));
  }

  /** @param before what it was when it was last seen, or null where it never was */
  void cameBack(RedisIdentity before, RedisIdentity now) {
    RedisHealth.Came came = new RedisHealth.Came(
        now.equals(before), before == null || now.epoch().equals(before.epoch()));
    if (before != null && !came.sameServer()) {
      log.warn(
          "Redis at {} {}",
          config.addresses(),
          came.sameData()
              ? "was restarted or is another server than before; its last writes may be lost"
              : "does not have the data that it had");
    }
    hearers.forEach(hearer -> hearer.tell(listener -> listener.cameBack(came)));
  }
}
