package io.consoul.gateway.limit;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the gateway instances of one node share of the rate limits: what is counted in memory, and where it is counted just
 * now. Made once per node and used from all event loops.
 */
public final class NodeLimits {

  private static final Logger log = LoggerFactory.getLogger(NodeLimits.class);

  /** Where charges are counted. */
  public enum Place {
    /** Requests are not limited. */
    NONE,
    MEMORY,
    REDIS,
    /** Redis is away, and memory stands in for it. */
    DEGRADED,
    /** Redis is away, and limited requests are refused until it is back. */
    DOWN
  }

  private final Ledgers ledgers;
  private final RefusalLog refusals = new RefusalLog();
  private final AtomicReference<Place> place = new AtomicReference<>(Place.NONE);
  private final AtomicBoolean shown = new AtomicBoolean();

  public NodeLimits(LimitConfig config) {
    this.ledgers = new Ledgers(config.memory());
  }

  public Place place() {
    return place.get();
  }

  Ledgers ledgers() {
    return ledgers;
  }

  RefusalLog refusals() {
    return refusals;
  }

  /** True for the first instance that asks: it gives the metrics of the node. */
  boolean isFirstToShow() {
    return !shown.getAndSet(true);
  }

  /** Each instance says so; it is logged once. */
  void countIn(Place now) {
    Place before = place.getAndSet(now);
    if (before == now) {
      return;
    }
    if (now == Place.DEGRADED) {
      log.warn("rate limits are counted on this node alone until Redis is back");
    } else if (now == Place.DOWN) {
      log.warn("requests that are rate limited are refused until Redis is back; with"
          + " CONSOUL_REDIS_FALLBACK_ENABLED=true each node would count them meanwhile");
    } else if (before == Place.DEGRADED || before == Place.DOWN) {
      log.info("rate limits are counted in Redis again");
    }
  }
}
