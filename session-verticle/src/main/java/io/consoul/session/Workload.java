package io.consoul.session;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.IntConsumer;

/** How many turns wait or run in this instance: told to others at every change, and awaited when it is stopped. */
final class Workload {

  private final TurnQueues queues;
  private final RunningTurns running;
  private final IntConsumer listener;
  private final Promise<Void> done = Promise.promise();
  private boolean draining;

  Workload(TurnQueues queues, RunningTurns running, IntConsumer listener) {
    this.queues = queues;
    this.running = running;
    this.listener = listener;
  }

  void changed() {
    listener.accept(queues.size() + running.size());
    if (draining && queues.size() == 0 && running.size() == 0) {
      done.tryComplete();
    }
  }

  /** @return succeeds when none waits or runs, or when {@link #giveUp} is called */
  Future<Void> drain() {
    draining = true;
    changed();
    return done.future();
  }

  boolean isDraining() {
    return draining;
  }

  void giveUp() {
    done.tryComplete();
  }
}
