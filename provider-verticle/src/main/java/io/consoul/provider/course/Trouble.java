package io.consoul.provider.course;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;

/** What went wrong on the way to an answer, and what of it the caller is told in the end: the most useful, and of that the latest. */
final class Trouble {

  private FaultException told;

  void note(FaultException fault) {
    if (told == null || use(fault.fault()) >= use(told.fault())) {
      told = fault;
    }
  }

  void clear() {
    told = null;
  }

  /** What is most useful to know of it. */
  FaultException worst() {
    return told;
  }

  /** A failure after which another try makes sense says more than one of a target that only stood in for it. */
  private static int use(Fault fault) {
    if (fault == Fault.CIRCUIT_BREAKER_OPEN || fault == Fault.CIRCUIT_BREAKER_HALF_OPEN) {
      return 1;
    }
    return fault.recoverable() ? 2 : 0;
  }
}
