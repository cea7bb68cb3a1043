package io.consoul.gateway;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;

/**
 * Notices a peer that takes nothing of what waits for it. Any write that reaches the kernel counts as progress, so a
 * slow reader is left alone.
 */
final class StallGuard {

  private static final long NONE = -1;

  private final Vertx vertx;
  private final InstantSource clock;
  private final long timeoutMillis;
  private final BooleanSupplier full;
  private final Runnable stalled;
  private int waiting;
  private long progress;
  private long timer = NONE;

  /** @param full whether the write queue is full, also with writes that were not seen here */
  StallGuard(
      Vertx vertx, InstantSource clock, Duration timeout, BooleanSupplier full, Runnable stalled) {
    this.vertx = vertx;
    this.clock = clock;
    this.timeoutMillis = timeout.toMillis();
    this.full = full;
    this.stalled = stalled;
  }

  /** @return the same write */
  Future<Void> watch(Future<Void> write) {
    if (!write.isComplete()) {
      check();
      waiting++;
      write.onComplete(done -> {
        waiting--;
        progress = clock.millis();
      });
    }
    return write;
  }

  /** To be called when the queue was seen to be full. */
  void check() {
    if (waiting == 0) {
      progress = clock.millis();
    }
    if (timer == NONE) {
      arm(timeoutMillis);
    }
  }

  void stop() {
    if (timer != NONE) {
      vertx.cancelTimer(timer);
    }
    timer = NONE;
  }

  private void arm(long millis) {
    timer = vertx.setTimer(millis, id -> {
      timer = NONE;
      long left = progress + timeoutMillis - clock.millis();
      if (waiting == 0 && !full.getAsBoolean()) {
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
