package io.consoul.gc;

import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;

/**
 * When collections begin without being asked for. Each instance keeps its time, so that one that takes over is not late, but
 * only the one that leads begins something.
 */
final class Timetable {

  private final Vertx vertx;
  private final InstantSource clock;
  private final GcConfig config;
  private final Runs runs;
  private final Leadership leadership;
  private Instant nextFullRun;

  Timetable(Vertx vertx, InstantSource clock, GcConfig config, Runs runs, Leadership leadership) {
    this.vertx = vertx;
    this.clock = clock;
    this.config = config;
    this.runs = runs;
    this.leadership = leadership;
  }

  /** The timers end with the verticle. */
  void begin() {
    vertx.setPeriodic(config.orphanInterval().toMillis(), id -> orphans());
    if (!config.interval().isZero()) {
      tellNextFullRun();
      vertx.setPeriodic(config.interval().toMillis(), id -> everything());
    }
  }

  /** Or null, where the interval is off. */
  Instant nextFullRun() {
    return nextFullRun;
  }

  /** Nothing is lost when a run is under way: the next look comes soon. */
  private void orphans() {
    if (!runs.isRunning() && leadership.isHere()) {
      runs.ask(true);
    }
  }

  private void everything() {
    tellNextFullRun();
    if (leadership.isHere()) {
      runs.ask(false);
    }
  }

  private void tellNextFullRun() {
    nextFullRun = clock.instant().plus(config.interval());
  }
}
