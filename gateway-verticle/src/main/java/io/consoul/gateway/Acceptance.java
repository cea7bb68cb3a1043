package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Completed;
import io.consoul.message.TurnEvent;
import io.consoul.message.TurnFailed;
import java.util.Optional;

/** Which attempt at a turn was named last as the one that counts, and what others make of that. */
final class Acceptance {

  /** Another attempt than the accepted one speaks, and where it is will hardly be told any more. */
  private static final int UNTOLD_TICKS = 4;

  private long fence;
  private TurnFailed leaseLost;
  private Completed earlyEnd;
  private int untoldTicks;

  /** This attempt has the turn. */
  void of(long attempt) {
    fence = attempt;
  }

  /** It says that it has no lease, and may have been passed over: whether it counts is known with the acceptance. */
  void isDoubtedBy(TurnFailed failed) {
    leaseLost = failed;
  }

  /** Why the accepted attempt will say nothing more, where it has said so before it was accepted. Told once. */
  Optional<FaultException> doubt() {
    if (leaseLost == null || leaseLost.fence() != fence) {
      return Optional.empty();
    }
    FaultException why = leaseLost.failure().toException();
    leaseLost = null;
    return Optional.of(why);
  }

  /** It has ended before it was accepted: whether its text is whole is known then. */
  void isAheadOf(Completed end) {
    earlyEnd = end;
  }

  /** How the accepted attempt has ended, where it has said so before it was accepted. Told once. */
  Optional<Completed> end() {
    if (earlyEnd == null || earlyEnd.fence() != fence) {
      return Optional.empty();
    }
    Completed end = earlyEnd;
    earlyEnd = null;
    return Optional.of(end);
  }

  /**
   * To be called at every tick.
   *
   * @param newest attempt that was heard of
   * @return whether that one was not accepted and has spoken for a while
   */
  boolean isOutdatedBy(long newest) {
    untoldTicks = newest > fence ? untoldTicks + 1 : 0;
    return untoldTicks >= UNTOLD_TICKS;
  }

  /**
   * Whether a session says that the turn does not begin: under no fence, whatever attempts were heard of. Once it has begun, one that
   * has slept meanwhile may still say so, and is wrong.
   */
  boolean isRefusal(TurnEvent event) {
    return event.fence() == 0 && event instanceof TurnFailed && fence == 0;
  }

  /** A provider that was passed over and wakes up says so; the turn goes on at another one. */
  static boolean isLeaseLost(TurnFailed failed) {
    Fault fault = failed.failure().fault();
    return failed.fence() > 0
        && (fault == Fault.SESSION_LOCKED || fault == Fault.SESSION_NOT_FOUND);
  }
}
