package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * What becomes of an instance's turns when it is stopped: they have time to end; then other nodes are asked to go on with them, and
 * what nobody takes is cut. Shortly before its time is over it begins with that, so that the whole stop keeps to it.
 */
final class Departure {

  private static final FaultException CUT =
      Fault.SERVER_BUSY.retryAfter(1, "the server was stopped before the answer was complete");

  /** How long before the end turns are handed on; less where there is little time in all. */
  private static final long EARLY = 2_000;

  private static final int EARLY_PART = 4;

  /** How long after the end turns that others may take wait for their turn, at most. */
  private static final long LATE = 1_000;

  /** Turns that are on their way at the same time; others run on meanwhile. */
  private static final int AT_ONCE = 64;

  private final Workbench bench;
  private final Promise<Void> over = Promise.promise();
  private final long limit;
  private final long handOn;
  private int underway;

  /** @param time after which turns that still run are handed on, or cut and sealed as interrupted */
  Departure(Workbench bench, Duration time) {
    this.bench = bench;
    long now = bench.millis();
    this.limit = now + time.toMillis();
    // Not at once: the other instances of this node are about to say that they are stopped, too.
    this.handOn = Math.max(now + 1, limit - Math.min(EARLY, time.toMillis() / EARLY_PART));
  }

  /** Succeeds when all turns have ended here and their listeners know, or are out of time. */
  Future<Void> over() {
    return over.future();
  }

  /**
   * To be called often.
   *
   * @param active those that run are among them
   * @param running how many run
   * @param read whether somebody still waits for the rest of one that has ended
   */
  void look(Collection<RunningTurn> active, int running, boolean read) {
    long now = bench.millis();
    boolean outOfTime = now >= limit;
    if (running == 0) {
      if (outOfTime || !read) {
        over.tryComplete();
      }
      return;
    }
    List<RunningTurn> all = List.copyOf(active);
    boolean goOnElsewhere = now < limit + LATE && isServedElsewhere();
    if (now >= handOn && goOnElsewhere) {
      all.stream()
          .filter(RunningTurn::isTransferable)
          .limit(AT_ONCE - underway)
          .forEach(this::handOn);
    }
    if (outOfTime) {
      all.stream()
          .filter(turn -> !goOnElsewhere || !turn.isTransferable())
          .forEach(turn -> turn.request().run(() -> turn.fail(CUT)));
    }
  }

  private void handOn(RunningTurn turn) {
    underway++;
    turn.request().call(() -> turn.handOn(CUT)).onComplete(handed -> underway--);
  }

  private boolean isServedElsewhere() {
    return bench.node().directory().serving(Kind.PROVIDER).stream()
        .anyMatch(hello -> !hello.node().equals(bench.node().id()));
  }
}
