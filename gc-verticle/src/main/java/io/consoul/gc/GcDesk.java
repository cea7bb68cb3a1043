package io.consoul.gc;

import io.consoul.message.BusMessage;
import io.consoul.message.GcStatus;
import io.consoul.message.ReadGcStatus;
import io.consoul.message.RunGc;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;

/** Answers those who ask for a collection, or how the collecting goes. */
final class GcDesk {

  /** After which a caller hears that the run goes on: nobody waits longer for any reply on the bus. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Each costs some memory until the run is over, which may be long after its reply. */
  private static final int MOST_WAITING = 1_000;

  private final Vertx vertx;
  private final Runs runs;
  private final Ledger ledger;
  private final Timetable timetable;
  private int waiting;

  GcDesk(Vertx vertx, Runs runs, Ledger ledger, Timetable timetable) {
    this.vertx = vertx;
    this.runs = runs;
    this.ledger = ledger;
    this.timetable = timetable;
  }

  /** @return what was collected, or the status where that takes long, or where too many wait for it */
  Future<BusMessage> run(RunGc order) {
    Future<BusMessage> run = runs.ask(order.orphansOnly()).map(done -> done);
    if (waiting == MOST_WAITING) {
      return Future.succeededFuture(status());
    }
    waiting++;
    Promise<BusMessage> reply = Promise.promise();
    long timer = vertx.setTimer(PATIENCE.toMillis(), id -> reply.tryComplete(status()));
    run.onComplete(done -> {
      waiting--;
      vertx.cancelTimer(timer);
      if (done.succeeded()) {
        reply.tryComplete(done.result());
      } else {
        reply.tryFail(done.cause());
      }
    });
    return reply.future();
  }

  Future<GcStatus> status(ReadGcStatus ask) {
    return Future.succeededFuture(status());
  }

  private GcStatus status() {
    return new GcStatus(
        runs.isRunning(),
        ledger.fullRuns(),
        ledger.expired(),
        ledger.orphans(),
        ledger.strays(),
        ledger.lastFullRun(),
        timetable.nextFullRun());
  }
}
