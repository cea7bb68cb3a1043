package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;

/** Where a turn's answer goes: one response, one stream of server-sent events, or one message's answer on a socket. */
interface TurnSink {

  /** Whether text may come now. When it may again, the sink calls {@link TurnStream#writable}. */
  boolean isWritable();

  /**
   * @param turn that answers; another one than was begun where that one runs under the same idempotency key
   * @param cuts how many cuts the answer has been through up to here
   * @param offset where the text begins; one below the end of what came so far means: cut back to it
   */
  void text(TurnId turn, int cuts, int offset, String text);

  /** The model did not see what was said before in this session; before the last call. */
  void historyUnavailable();

  /** The last call: the answer is stored. */
  void completed(Completed completed);

  /**
   * The last call.
   *
   * @param length of the answer up to the failure; 0 when the turn left no trace
   */
  void failed(TurnId turn, FaultException failure, int length);

  /**
   * The last call, for one who asks once more for a turn that was cut off and is stored so: however often it is repeated, this
   * is its answer.
   *
   * @param length of the answer up to where it was cut off
   */
  default void cutOff(TurnId turn, FaultException failure, int length) {
    failed(turn, failure, length);
  }
}
