package io.consoul.session;

import io.consoul.fault.FaultException;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends turns for a collection, which one turn that cannot be ended must not hold up. */
final class Orphans {

  private static final Logger log = LoggerFactory.getLogger(Orphans.class);

  /** What has become of a turn whose lease had lapsed. */
  enum Outcome {
    ENDED,
    /** Somebody else has, or it goes on. */
    NOTHING_TO_END,
    FAILED
  }

  private final LapsedTurns lapsed;

  Orphans(LapsedTurns lapsed) {
    this.lapsed = lapsed;
  }

  /** Never fails. */
  Future<Outcome> end(SessionName session) {
    return lapsed
        .settle(session.tenant(), session.session())
        .map(ended -> ended ? Outcome.ENDED : Outcome.NOTHING_TO_END)
        .otherwise(failure -> {
          log.warn(
              "a turn whose provider is gone could not be ended; it is tried again: fault={}",
              failure instanceof FaultException known
                  ? known.fault().code()
                  : failure.getClass().getName());
          return Outcome.FAILED;
        });
  }
}
