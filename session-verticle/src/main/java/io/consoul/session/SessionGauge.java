package io.consoul.session;

import io.consoul.node.Node;
import io.vertx.core.Vertx;
import io.vertx.core.shareddata.LocalMap;
import java.time.Duration;

/**
 * Looks now and then how many sessions there are, for a gauge of the whole JVM: the sum over its instances where each keeps
 * its own, the number of all there are where they share a store. While a store cannot be asked, the last number stands.
 */
final class SessionGauge {

  static final Duration INTERVAL = Duration.ofSeconds(10);

  /** In place of an inbox: the sessions of a store that is shared. */
  private static final String ALL = "all";

  private final Vertx vertx;
  private final SessionCatalog catalog;
  private final String inbox;

  /** Of all instances of this JVM: the last number by inbox. */
  private final LocalMap<String, Long> counts;

  private boolean looking;
  private boolean stopped;

  SessionGauge(Vertx vertx, Node node, SessionCatalog catalog, String inbox) {
    this.vertx = vertx;
    this.catalog = catalog;
    this.inbox = inbox;
    this.counts = vertx.sharedData().getLocalMap("consoul.sessions.active");
    node.gauge(
        "consoul_active_sessions",
        "Sessions that have not expired: of all nodes where they share a store",
        counts,
        SessionGauge::sum);
  }

  /** @param interval between two looks; the timer ends with the verticle */
  void start(Duration interval) {
    look();
    vertx.setPeriodic(interval.toMillis(), id -> look());
  }

  /** The sessions of this instance are counted no longer. */
  void stop() {
    stopped = true;
    counts.remove(inbox);
  }

  private void look() {
    if (looking) {
      return;
    }
    looking = true;
    catalog.count().onComplete(count -> {
      looking = false;
      if (count.succeeded() && !stopped) {
        enter(count.result());
      }
    });
  }

  private void enter(long count) {
    boolean shared = catalog.isShared();
    counts.put(shared ? ALL : inbox, count);
    counts.remove(shared ? inbox : ALL);
  }

  private static double sum(LocalMap<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
