package io.consoul.session;

import io.consoul.node.Node;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import io.vertx.core.shareddata.Shareable;
import java.nio.file.Path;
import java.util.Optional;

/** Gives all session instances of a JVM that have the same Redis the same {@link Outage}. */
final class Outages {

  private static final String MAP = "consoul.session.outages";

  private record Shared(Outage outage, int users) implements Shareable {}

  private Outages() {}

  /**
   * @param sharedShelter whether the shelter outlives this node: then there is no journal
   * @return one that has to be opened
   */
  static Outage join(
      Vertx vertx, SessionConfig config, Node node, RedisHealth health, boolean sharedShelter) {
    boolean enabled = config.redis().fallback().enabled();
    return map(vertx)
        .compute(
            name(config),
            (name, shared) -> shared != null
                ? new Shared(shared.outage, shared.users + 1)
                : new Shared(
                    new Outage(
                        node,
                        health,
                        enabled && !sharedShelter
                            ? Optional.of(new OutageJournal(
                                vertx,
                                new JournalFile(Path.of(config.inOutage().journal())),
                                OutageJournal.MAX_BYTES))
                            : Optional.empty(),
                        enabled),
                    1))
        .outage();
  }

  /** To be called once by whom {@link #join} has given the outage; the last one closes it. */
  static Future<Void> leave(Vertx vertx, SessionConfig config) {
    Outage[] last = new Outage[1];
    map(vertx).computeIfPresent(name(config), (name, shared) -> {
      if (shared.users > 1) {
        return new Shared(shared.outage, shared.users - 1);
      }
      last[0] = shared.outage;
      return null;
    });
    return last[0] == null ? Future.succeededFuture() : last[0].close();
  }

  private static LocalMap<String, Shared> map(Vertx vertx) {
    return vertx.sharedData().getLocalMap(MAP);
  }

  private static String name(SessionConfig config) {
    return config.keyPrefix() + " " + config.redis().addresses();
  }
}
