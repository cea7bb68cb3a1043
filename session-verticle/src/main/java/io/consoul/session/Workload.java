package io.consoul.session;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.IntConsumer;

/** How many turns wait or run in this instance: told to others at every change, and awaited when it is stopped. */
final class Workload {

  private final TurnQueues queues;
  private final RunningTurns running;
  private final Duration silence;
  private final IntConsumer listener;
  private final Promise<Void> done = Promise.promise();
  private boolean draining;
  private boolean othersGoOn;

  /** @param silence after which a provider is believed to be gone: the store settles its turn */
  Workload(TurnQueues queues, RunningTurns running, Duration silence, IntConsumer listener) {
    this.queues = queues;
    this.running = running;
    this.silence = silence;
    this.listener = listener;
  }

  void changed() {
    listener.accept(queues.size() + running.size());
    if (draining && isFree()) {
      done.tryComplete();
    }
  }

  /** Turns whose provider has been silent for too long no longer count as running. */
  void forgetLapsed() {
    if (running.forgetSilent(silence)) {
      changed();
    }
  }

  /** @return succeeds when nothing keeps this instance any more, or when {@link #giveUp} is called */
  Future<Void> drain() {
    draining = true;
    changed();
    return done.future();
  }

  boolean isDraining() {
    return draining;
  }

  /** Whether the providers find another instance for the turns that run. */
  void othersGoOn(boolean go) {
    othersGoOn = go;
    changed();
  }

  void giveUp() {
    done.tryComplete();
  }

  private boolean isFree() {
    return queues.size() == 0 && (running.size() == 0 || othersGoOn && !running.anyHandover());
  }
}
