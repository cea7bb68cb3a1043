package io.consoul.gc;

import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.GcStatus;
import io.consoul.message.Kind;
import io.consoul.message.ReadGcStatus;
import io.consoul.message.RunGc;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;

/** Answers those who ask for a collection, or how the collecting goes, wherever in the cluster it is done. */
final class GcDesk {

  /** Longer, as the one that leads is so patient itself; and short enough that the caller still waits. */
  private static final Duration PASSED_ON = Duration.ofMillis(2_200);

  /** Each costs some memory until the run is over, which may be long after its reply. */
  private static final int MOST_WAITING = 1_000;

  private final Vertx vertx;
  private final Bus bus;
  private final Runs runs;
  private final Ledger ledger;
  private final Timetable timetable;
  private final Leadership leadership;
  private final Patience patience;
  private int waiting;

  GcDesk(
      Vertx vertx,
      Bus bus,
      Runs runs,
      Ledger ledger,
      Timetable timetable,
      Leadership leadership,
      Patience patience) {
    this.vertx = vertx;
    this.bus = bus;
    this.runs = runs;
    this.ledger = ledger;
    this.timetable = timetable;
    this.leadership = leadership;
    this.patience = patience;
  }

  /** @return what was collected, or the status where that takes long, or where too many wait for it */
  Future<BusMessage> run(RunGc order) {
    return passOn(order, () -> runHere(order));
  }

  /** Of the instance that collects, as far as it answers. */
  Future<BusMessage> status(ReadGcStatus ask) {
    return passOn(ask, () -> Future.succeededFuture(status()));
  }

  private Future<BusMessage> runHere(RunGc order) {
    Future<BusMessage> run = runs.ask(order.orphansOnly()).map(done -> done);
    if (waiting == MOST_WAITING) {
      return Future.succeededFuture(status());
    }
    waiting++;
    Promise<BusMessage> reply = Promise.promise();
    long timer = vertx.setTimer(patience.caller().toMillis(), id -> reply.tryComplete(status()));
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

  /** An instance that leads and does not answer is on its way out: what was asked for is done here. */
  private Future<BusMessage> passOn(BusMessage request, Supplier<Future<BusMessage>> here) {
    return leadership
        .elsewhere()
        .map(leader ->
            bus.ask(Kind.GC, leader, request, PASSED_ON).recover(unanswered -> here.get()))
        .orElseGet(here);
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
