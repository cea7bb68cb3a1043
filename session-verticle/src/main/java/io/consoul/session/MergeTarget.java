package io.consoul.session;

import io.consoul.message.AbortTurn;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.time.Instant;

/**
 * The store that everything of an outage is merged into. Each method is one atomic step and may be repeated.
 *
 * <p>Failures: E110 where it cannot be reached; whether the step was done is then not known.
 */
interface MergeTarget {

  /** What became of what was offered. */
  enum Outcome {
    /** It is the newest turn of its session now. */
    APPENDED,
    /** The turn was there as others had settled it, and is there whole now. */
    REPLACED,
    /** It was there. */
    KNOWN,
    /** The session has been made. */
    MADE,
    /** Its session was deleted after it, or while it was in progress: it is dropped. */
    DROPPED,
    /** There is no such session, or it has not the turn that was to be there. */
    MISSING
  }

  /**
   * How the session of a turn is to be seen.
   *
   * @param make where there is none; else the outcome is {@link Outcome#MISSING}
   * @param remade it was made after another of its name was deleted, and that delete was carried out before
   * @param after a turn that is there, else the outcome is {@link Outcome#MISSING} also where it may be made; or null
   */
  record Terms(boolean make, boolean remade, TurnId after) {

    Terms(boolean make, boolean remade) {
      this(make, remade, null);
    }

    /** The same for the turn after this one. */
    Terms after(TurnId turn) {
      return new Terms(make, remade, turn);
    }
  }

  /** Frees also the lease of the turn, where it has one. */
  Future<Outcome> offer(AcknowledgedTurn turn, Terms terms);

  /** Makes the session where there is none. */
  Future<Outcome> make(MemorySession.Origin origin, Instant created, Terms terms);

  /** Ends a turn in progress as if it had never been. Succeeds also where it is not in progress, or another's by now. */
  Future<Void> abort(AbortTurn turn);

  /** Succeeds also where there is no such session. */
  Future<Void> delete(String sessionKey);
}
