package io.consoul.gc;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * When collections begin without being asked for. Each instance keeps its time, so that one that takes over is not late, but
 * only the one that leads begins something.
 */
final class Timetable {

  /** No timer: the first one of a Vertx has the id 0. */
  private static final long NONE = -1;

  private final Vertx vertx;
  private final InstantSource clock;
  private GcConfig config;
  private final Runs runs;
  private final Leadership leadership;
  private long orphanTimer;
  private long fullTimer = NONE;

  /** From when on the interval counts. */
  private Instant since;

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
    since = clock.instant();
    lookForOrphans();
    collect();
  }

  /** An interval that has changed counts from the last collection on: one that is over by now is over at once. */
  void change(GcConfig changed) {
    GcConfig before = config;
    config = changed;
    if (!changed.orphanInterval().equals(before.orphanInterval())) {
      vertx.cancelTimer(orphanTimer);
      lookForOrphans();
    }
    if (!changed.interval().equals(before.interval())) {
      vertx.cancelTimer(fullTimer);
      collect();
    }
  }

  /** Or null, where the interval is off. */
  Instant nextFullRun() {
    return nextFullRun;
  }

  private void lookForOrphans() {
    orphanTimer = vertx.setPeriodic(config.orphanInterval().toMillis(), id -> orphans());
  }

  private void collect() {
    long interval = config.interval().toMillis();
    if (interval == 0) {
      fullTimer = NONE;
      nextFullRun = null;
      return;
    }
    long left = Duration.between(clock.instant(), since.plus(config.interval())).toMillis();
    // At most the whole of it: the clock may have been put back.
    long first = Math.max(1, Math.min(left, interval));
    nextFullRun = clock.instant().plusMillis(first);
    fullTimer = vertx.setPeriodic(first, interval, id -> everything());
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
    since = clock.instant();
    nextFullRun = since.plus(config.interval());
  }
}
