package io.consoul.provider.course;

import io.consoul.provider.Route.Step;
import io.consoul.provider.Target;
import io.consoul.provider.UpstreamFailure.Cause;
import java.util.List;

/** The steps of one turn's route: which one it is at, and which ones are still worth asking. */
final class Itinerary {

  private final List<Step> steps;
  private final boolean[] tried;
  private final boolean[] silent;
  private int at;

  Itinerary(List<Step> steps) {
    this.steps = steps;
    this.tried = new boolean[steps.size()];
    this.silent = new boolean[steps.size()];
    this.tried[0] = true;
  }

  Step step() {
    return steps.get(at);
  }

  Target target() {
    return step().target();
  }

  /**
   * All of them may be asked again, but for those that were left because they were silent: the one that comes next first, and the
   * present one last.
   */
  void startOver() {
    System.arraycopy(silent, 0, tried, 0, tried.length);
  }

  /** Whether there is a step that has not been tried and may help against this. */
  boolean hasNext(Cause cause) {
    return next(cause) >= 0;
  }

  /** Goes there; only when there is one. */
  void advance(Cause cause) {
    int next = next(cause);
    silent[at] = cause == Cause.SILENT;
    at = next;
    tried[at] = true;
  }

  private int next(Cause cause) {
    for (int i = 1; i <= steps.size(); i++) {
      int next = (at + i) % steps.size();
      if (!tried[next] && helps(steps.get(next).target(), cause)) {
        return next;
      }
    }
    return -1;
  }

  /** What was too long for one needs another that is known to hold more. */
  private boolean helps(Target other, Cause cause) {
    if (cause != Cause.TOO_LONG) {
      return true;
    }
    Integer here = target().info().window();
    Integer there = other.info().window();
    return there != null && (here == null || there > here);
  }
}
