package io.consoul.provider.course;

import io.vertx.core.Vertx;
import java.time.Duration;

/** One timer, which can be set again and again. */
final class Alarm {

  private static final long NONE = -1;

  private final Vertx vertx;
  private long timer = NONE;

  Alarm(Vertx vertx) {
    this.vertx = vertx;
  }

  /** What it was set for before does not happen. */
  void set(Duration time, Runnable action) {
    stop();
    timer = vertx.setTimer(Math.max(1, time.toMillis()), id -> {
      timer = NONE;
      action.run();
    });
  }

  void stop() {
    if (timer != NONE) {
      vertx.cancelTimer(timer);
      timer = NONE;
    }
  }
}
