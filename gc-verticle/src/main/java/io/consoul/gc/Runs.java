package io.consoul.gc;

import io.consoul.fault.Fault;
import io.consoul.message.GcRun;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * One collection at a time, of whichever kind. While one is under way at most one of each kind waits, and all who ask
 * meanwhile share it. Confined to the event loop of its verticle.
 */
final class Runs {

  private final Function<Boolean, Future<GcRun>> collection;

  /** By whether it is for orphans only, in the order in which they were asked for. */
  private final Map<Boolean, Promise<GcRun>> due = new LinkedHashMap<>();

  private Promise<GcRun> underway;
  private boolean closed;

  /** @param collection starts one, given whether it is for orphans only */
  Runs(Function<Boolean, Future<GcRun>> collection) {
    this.collection = collection;
  }

  boolean isRunning() {
    return underway != null;
  }

  /** Starts one now, or after the one that is under way, which has passed by what came in behind it. */
  Future<GcRun> ask(boolean orphansOnly) {
    if (closed) {
      return Future.failedFuture(stopped());
    }
    Future<GcRun> run =
        due.computeIfAbsent(orphansOnly, kind -> Promise.promise()).future();
    startNext();
    return run;
  }

  /** Whoever waits hears that nothing comes of it here. */
  void close() {
    closed = true;
    due.values().forEach(waiting -> waiting.fail(stopped()));
    due.clear();
    if (underway != null) {
      underway.tryFail(stopped());
    }
  }

  private void startNext() {
    if (underway != null || due.isEmpty()) {
      return;
    }
    boolean orphansOnly = due.keySet().iterator().next();
    underway = due.remove(orphansOnly);
    collection.apply(orphansOnly).onComplete(this::over);
  }

  private void over(AsyncResult<GcRun> run) {
    Promise<GcRun> ended = underway;
    underway = null;
    if (run.succeeded()) {
      ended.tryComplete(run.result());
    } else {
      ended.tryFail(run.cause());
    }
    startNext();
  }

  private static Throwable stopped() {
    return Fault.SERVER_BUSY.retryAfter(
        1, "this gc instance is being stopped; ask again, and another one collects");
  }
}
