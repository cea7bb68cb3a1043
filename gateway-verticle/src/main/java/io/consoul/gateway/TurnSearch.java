package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import java.util.Set;

/**
 * The search for a turn whose provider does not answer: the session is asked again and again, until a new provider has it,
 * its end is stored, or patience runs out.
 */
final class TurnSearch {

  /** Ticks of {@link TurnStreams} between two questions. */
  private static final int PAUSE = 2;

  /** Who says this may say something else in a moment. */
  private static final Set<Fault> PASSING =
      Set.of(Fault.LLM_UNAVAILABLE, Fault.SESSION_STORAGE_UNAVAILABLE);

  private static final long NONE = -1;

  /** Longer than a lease, after which the session settles the turn. */
  private final long patienceMillis;

  private long begun = NONE;
  private FaultException reason;
  private int ticks;

  TurnSearch(long patienceMillis) {
    this.patienceMillis = patienceMillis;
  }

  /** @param why the turn has to be looked for */
  void begin(FaultException why, long now) {
    if (begun == NONE) {
      begun = now;
      reason = why;
    }
  }

  /** There was a sign of life; a question that is due is asked all the same. */
  void found() {
    begun = NONE;
    reason = null;
  }

  /** The question has its answer. */
  void answered() {
    ticks = 0;
  }

  /** Asks again after a pause. */
  void again() {
    ticks = PAUSE;
  }

  /** To be called at every tick: whether it is time to ask. */
  boolean isDue() {
    return ticks > 0 && --ticks == 0;
  }

  /** @return whether it makes sense to ask again, which {@link #isDue} then tells */
  boolean goesOnAfter(FaultException fault, long now) {
    begin(null, now);
    if (!PASSING.contains(fault.fault()) || isHopeless(now)) {
      return false;
    }
    again();
    return true;
  }

  /** Whether it has been looked for long enough, and no sign of life came. */
  boolean isHopeless(long now) {
    return begun != NONE && now - begun >= patienceMillis;
  }

  /** What its client is told: why it had to be looked for says more than that it was not found. */
  FaultException verdict(FaultException last) {
    return reason == null ? last : reason;
  }
}
