package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.Cuts;
import io.consoul.message.Heard;
import io.vertx.core.Future;
import java.time.Duration;

/** Gives pending turns whose provider is gone, or is on its way out, to others that go on with what was said. */
interface Takeovers {

  /**
   * One turn that is to change hands.
   *
   * @param fence of the attempt that is over; once another one has the turn nothing changes
   * @param token of that attempt's lease, where its holder gives the turn away itself; null where the holder is believed to be
   *     gone
   * @param unrenewed how long the lease has not been renewed, at least, where there is no token: a holder that is well renews
   *     it more often
   * @param heard what somebody holds beyond the journal; null where nobody does. It counts where it is of that attempt, joins
   *     the journal without a gap, and agrees with it
   * @param providerInbox who gets the turn
   */
  record TakeOver(
      TurnKey turn,
      long fence,
      String token,
      Duration unrenewed,
      Heard heard,
      String providerInbox) {}

  /** What came of it. */
  sealed interface Takeover permits Takeover.Won, SessionStore.Known {

    /**
     * The turn has a new lease, and what was said is in its journal.
     *
     * @param granted as for a turn that begins; its history ends with the turn's own message
     * @param said all of the answer so far
     * @param cuts of it, the one at the end of {@code said} too
     */
    record Won(BeginTurn begin, SessionStore.Begun.Granted granted, String said, Cuts cuts)
        implements Takeover {}
  }

  /**
   * One atomic step. Where the turn is not to be had (it is renewed, another has it, it has ended), the answer tells where it is.
   * Fails with E100 where there is no such turn, or not any more.
   */
  Future<Takeover> takeOver(TakeOver order);
}
