package io.consoul.session;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the cluster may hold another session. When it may not, new ones are refused, and nothing is dropped that somebody may
 * come back to. It is looked at now and then, so a few more may get in.
 */
final class ClusterRoom {

  private static final Logger log = LoggerFactory.getLogger(ClusterRoom.class);

  private static final long LOOK_MILLIS = 2_000;
  private static final Duration WARNING_INTERVAL = Duration.ofMinutes(1);
  private static final int SWEEP_STEP = 1_000;

  private final Vertx vertx;
  private final ClusterList list;
  private final ClusterSweep sweep;
  private final int perNode;
  private final IntSupplier nodes;
  private final InstantSource clock;
  private boolean full;
  private Instant lastWarning = Instant.EPOCH;

  /** @param perNode sessions that the memory of one node has room for */
  ClusterRoom(
      Vertx vertx,
      ClusterList list,
      ClusterSweep sweep,
      int perNode,
      IntSupplier nodes,
      InstantSource clock) {
    this.vertx = vertx;
    this.list = list;
    this.sweep = sweep;
    this.perNode = perNode;
    this.nodes = nodes;
    this.clock = clock;
  }

  /** Looks again and again, until its verticle ends. */
  void watch() {
    vertx.setTimer(LOOK_MILLIS, id -> look().onComplete(done -> watch()));
  }

  boolean isFull() {
    return full;
  }

  Future<Void> look() {
    long max = (long) perNode * nodes.getAsInt();
    return list.count()
        .onSuccess(count -> full = count >= max)
        .compose(count -> full ? makeRoom(max) : Future.succeededFuture())
        .otherwiseEmpty();
  }

  /** Sessions whose time is over may still be there. */
  private Future<Void> makeRoom(long max) {
    Instant now = clock.instant();
    if (!lastWarning.plus(WARNING_INTERVAL).isAfter(now)) {
      lastWarning = now;
      log.warn(
          "the cluster's store is full ({} sessions): new sessions are refused with E110; add a node, "
              + "raise CONSOUL_MEMORY_MAX_SESSIONS or lower CONSOUL_SESSION_TTL",
          max);
    }
    return sweep.run(SWEEP_STEP, false).mapEmpty();
  }
}
