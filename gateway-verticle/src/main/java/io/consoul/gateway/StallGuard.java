package io.consoul.gateway;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Notices a peer that takes nothing of what waits for it. Any write that reaches the kernel counts as progress, so a
 * slow reader is left alone.
 */
final class StallGuard {

  private static final long NONE = -1;

  private final Vertx vertx;
  private final InstantSource clock;
  private final long timeoutMillis;
  private final Runnable stalled;
  private int waiting;
  private boolean seenFull;
  private long progress;
  private long timer = NONE;

  StallGuard(Vertx vertx, InstantSource clock, Duration timeout, Runnable stalled) {
    this.vertx = vertx;
    this.clock = clock;
    this.timeoutMillis = timeout.toMillis();
    this.stalled = stalled;
  }

  /** @return the same write */
  Future<Void> watch(Future<Void> write) {
    if (!write.isComplete()) {
      if (waiting++ == 0) {
        progressed();
      }
      arm();
      write.onComplete(done -> {
        waiting--;
        progressed();
      });
    }
    return write;
  }

  /** The queue was seen to be full, perhaps with what was not written here. */
  void full() {
    if (waiting == 0 && !seenFull) {
      progressed();
    }
    seenFull = true;
    arm();
  }

  /** The queue has room again. */
  void drained() {
    seenFull = false;
    progressed();
  }

  void stop() {
    if (timer != NONE) {
      vertx.cancelTimer(timer);
    }
    timer = NONE;
  }

  private void progressed() {
    progress = clock.millis();
  }

  private void arm() {
    if (timer == NONE) {
      arm(timeoutMillis);
    }
  }

  private void arm(long millis) {
    timer = vertx.setTimer(millis, id -> {
      timer = NONE;
      long left = progress + timeoutMillis - clock.millis();
      if (waiting == 0 && !seenFull) {
        return;
      }
      if (left > 0) {
        arm(left);
      } else {
        stalled.run();
      }
    });
  }
}
