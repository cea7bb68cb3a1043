package io.consoul.session;

import io.consoul.message.AbortTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.ChatMessage;
import io.consoul.message.EndBatch;
import io.consoul.message.Listener;
import io.consoul.message.Progress;
import io.consoul.message.Replayed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionRequest;
import io.consoul.message.Settings;
import io.consoul.message.Swept;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the turns of sessions, and makes sure that one turn of a session runs at a time. Each method is one atomic step;
 * every write of a turn carries its lease's token, so that a holder that was passed over cannot write. A pending turn whose
 * lease has lapsed is settled by whichever step finds it: kept as interrupted with what was journalled, or dropped when
 * nothing was said. Not by those that ask for the turn itself: it may be taken over.
 *
 * <p>Failures: E100 where the session is gone, E102 where the lease is another's, E110 where the store cannot be reached.
 */
interface SessionStore extends Takeovers {

  /**
   * The right to write one turn: a secret token, and a fence that is higher than any before.
   *
   * @param token null for a turn beside its session, about which nothing is written
   */
  record Lease(long fence, String token) {}

  /** What the store says to a turn that wants to begin. */
  sealed interface Begun permits Begun.Granted, Begun.Busy, Known {

    /**
     * The turn is pending and its lease runs.
     *
     * @param model of the session, or null when it has none yet
     * @param history newest messages that fit, oldest first; the turn's own message is the last
     * @param promptTokens of system prompt and history together
     * @param historyUnavailable whether there may be more of it where the store cannot be reached
     */
    record Granted(
        Lease lease,
        String model,
        Settings settings,
        List<ChatMessage> history,
        long promptTokens,
        boolean historyUnavailable)
        implements Begun {

      Granted(
          Lease lease,
          String model,
          Settings settings,
          List<ChatMessage> history,
          long promptTokens) {
        this(lease, model, settings, history, promptTokens, false);
      }
    }

    /**
     * Another turn of the session is pending, or a batch has the session to itself.
     *
     * @param freeIn when the batch's time is over if none of its turns begins before; null when a turn is pending
     */
    record Busy(Duration freeIn) implements Begun {

      Busy() {
        this(null);
      }
    }
  }

  /** What the store says to a turn that has come behind others of its session. */
  sealed interface Standing permits Standing.InOrder, Standing.Next, Known {

    /** It waits like any other. */
    record InOrder() implements Standing {}

    /** Its batch has the session to itself: it goes past those that wait. */
    record Next() implements Standing {}
  }

  /** This very turn, or the one with its idempotency key, was begun before. */
  sealed interface Known extends Begun, Standing, Takeovers.Takeover {

    /**
     * It runs at this provider, unless that is gone.
     *
     * @param listener that it was begun for
     */
    record Pending(TurnId turn, long fence, String providerInbox, Listener listener)
        implements Known {

      /** The same turn with whoever has taken it. */
      Pending at(Handover.Taken taken) {
        return new Pending(turn, taken.fence(), taken.providerInbox(), listener);
      }
    }

    /** It is stored. */
    record Ended(Replayed replayed) implements Known {}
  }

  /**
   * Takes the lease and notes the turn with its key, unless it is known or another one is pending or the session is reserved
   * for another batch. Fails with E003 where the key was used for something else, and with E100 where the turn was pending
   * when its session was deleted.
   *
   * @param tokens of the turn's message, which are stored with it
   */
  Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox);

  /** Looks whether the turn has to wait for those before it, and does not begin it. Fails as {@link #begin} does. */
  Future<Standing> standing(BeginTurn turn);

  /** The session as it is, for a turn beside it: no session is made, and the lease has no token. */
  Future<Begun.Granted> snapshot(BeginTurn turn, int tokens);

  /**
   * Gives a pending turn to another provider inbox, with a new lease. What the one that was passed over may have said is cut
   * off.
   */
  Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox);

  /** Journals what was said and renews lease and time to live. It never makes a session. */
  Future<Void> progress(Progress progress);

  /**
   * Appends the user's message and the answer, and frees the session. The same seal again gives the first one's answer; one
   * of a holder that was passed over is refused.
   */
  Future<Sealed> seal(SealTurn seal);

  /** Frees session and key as if the turn had never been; a session that only this turn made is gone with it. */
  Future<TurnId> abort(AbortTurn abort);

  /**
   * Where the turn is, or a piece of its answer; E100 where there is no such turn. One whose lease has lapsed is pending.
   */
  Future<Known> find(AttachTurn turn);

  /** The pending turn of a session, if it has one, whether its lease runs or not. */
  Future<Optional<Known.Pending>> running(SessionRequest session);

  /**
   * Takes a pending turn away from its provider, whether its lease runs or not: it is kept as cancelled with what was
   * journalled, or dropped when nothing was said.
   *
   * @return whether it was pending
   */
  Future<Boolean> cancel(TurnKey turn);

  /** The batch has the session no longer, or not after the turn that runs. */
  Future<Void> endBatch(EndBatch end);

  /**
   * One step of a collection.
   *
   * @param limit sessions to settle or remove at most, at least 1
   */
  Future<Swept> sweep(int limit, boolean orphansOnly);
}
