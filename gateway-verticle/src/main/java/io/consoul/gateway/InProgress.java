package io.consoul.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/** Counts what one gateway instance has to finish before it stops. Confined to the instance's event loop. */
final class InProgress {

  private int count;
  private Promise<Void> idle = Promise.promise();

  void begin() {
    count++;
  }

  void end() {
    if (--count == 0) {
      idle.tryComplete();
    }
  }

  /** Completes when nothing is left. */
  Future<Void> ended() {
    if (count == 0) {
      return Future.succeededFuture();
    }
    if (idle.future().isComplete()) {
      idle = Promise.promise(); // else others wait for the one that is there
    }
    return idle.future();
  }
}
