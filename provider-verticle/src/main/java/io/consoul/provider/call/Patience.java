package io.consoul.provider.call;

import io.consoul.provider.Watchdog;
import io.consoul.trace.RequestContext;
import java.time.Duration;

/** The time limits of one call: that of the step it is in, and that of all steps together. */
final class Patience {

  private final Watchdog watchdog;
  private Watchdog.Watch whole;
  private Watchdog.Watch step;

  Patience(Watchdog watchdog) {
    this.watchdog = watchdog;
  }

  /** From now on all that comes may take so long. */
  void allow(Duration limit, Runnable onEnd) {
    whole = watchdog.watch(limit, asOf(onEnd));
  }

  /** The next step begins: it may take so long, or be silent so long where it is touched in between. */
  void step(Duration limit, Runnable onEnd) {
    endStep();
    step = watchdog.watch(limit, asOf(onEnd));
  }

  /** The watchdog looks after the calls of all requests. */
  private static Runnable asOf(Runnable onEnd) {
    RequestContext asking = RequestContext.current();
    return () -> asking.run(onEnd);
  }

  void touch() {
    if (step != null) {
      step.touch();
    }
  }

  /** The step's time stands still. */
  void pause() {
    if (step != null) {
      step.pause();
    }
  }

  /** The step's time begins anew. */
  void resume() {
    if (step != null) {
      step.resume();
    }
  }

  void endStep() {
    if (step != null) {
      step.close();
      step = null;
    }
  }

  /** Nothing is limited any more. */
  void end() {
    endStep();
    if (whole != null) {
      whole.close();
      whole = null;
    }
  }
}
