package io.consoul.session;

import io.consoul.node.Node;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.Shareable;
import java.nio.file.Path;
import java.util.Optional;

/** Gives all session instances of a JVM that have the same Redis the same {@link Outage}. */
final class Outages {

  private static final String MAP = "consoul.session.outages";

  private record Shared(Outage outage) implements Shareable {}

  private Outages() {}

  /**
   * @param sharedShelter whether the shelter outlives this node: then there is no journal
   * @return one that has to be opened
   */
  static Outage join(
      Vertx vertx, SessionConfig config, Node node, RedisHealth health, boolean sharedShelter) {
    RedisConfig.Fallback fallback = config.redis().fallback();
    return vertx
        .sharedData()
        .<String, Shared>getLocalMap(MAP)
        .computeIfAbsent(
            name(config),
            name -> new Shared(new Outage(
                node,
                health,
                fallback.enabled() && !sharedShelter
                    ? Optional.of(new OutageJournal(
                        vertx,
                        new JournalFile(Path.of(fallback.journal())),
                        OutageJournal.MAX_BYTES))
                    : Optional.empty(),
                fallback.enabled())))
        .outage();
  }

  /** To be called when the last instance has left. */
  static void forget(Vertx vertx, SessionConfig config) {
    vertx.sharedData().<String, Shared>getLocalMap(MAP).remove(name(config));
  }

  private static String name(SessionConfig config) {
    return config.keyPrefix() + " " + config.redis().addresses();
  }
}
