package io.consoul.session;

import io.consoul.message.AbortTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.Settings;
import io.consoul.message.Swept;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.util.List;

/**
 * Keeps the sessions, and makes sure that one turn of a session runs at a time. Each method is one atomic step; every
 * write of a turn carries its lease's token, so that a holder that was passed over cannot write.
 *
 * <p>Failures: E100 where the session is gone, E102 where the lease is another's, E110 where the store cannot be reached.
 */
interface SessionStore {

  /** The right to write one turn: a secret token, and a fence that is higher than any before. */
  record Lease(long fence, String token) {}

  /** What the store says to a turn that wants to begin. */
  sealed interface Begun {

    /**
     * The turn is pending and its lease runs.
     *
     * @param model of the session, or null when it has none yet
     * @param history newest messages that fit, oldest first; the turn's own message is the last
     */
    record Granted(Lease lease, String model, Settings settings, List<ChatMessage> history)
        implements Begun {}

    /** Another turn of the session is pending. */
    record Busy() implements Begun {}

    /** This very turn is pending or sealed already: it was begun before and the answer was lost. */
    record Known(long fence, String providerInbox) implements Begun {}
  }

  /**
   * Takes the lease and notes the turn, unless it is known or another one is pending. A pending turn whose lease has
   * lapsed is settled first: kept as interrupted with what was journalled, or dropped when nothing was said.
   *
   * @param tokens of the turn's message, which are stored with it
   */
  Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox);

  /** Gives a pending turn to another provider inbox, with a new lease. */
  Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox);

  /** Journals what was said and renews lease and time to live. It never makes a session. */
  Future<Void> progress(Progress progress);

  /**
   * Appends the user's message and the answer, and frees the session. The same seal again gives the first one's answer; one
   * of a holder that was passed over is refused.
   */
  Future<Sealed> seal(SealTurn seal);

  /** Frees the session as if the turn had never been; a session that only this turn made is gone with it. */
  Future<TurnId> abort(AbortTurn abort);

  /**
   * One step of a collection.
   *
   * @param limit sessions to settle or remove at most, at least 1
   */
  Future<Swept> sweep(int limit, boolean orphansOnly);
}
