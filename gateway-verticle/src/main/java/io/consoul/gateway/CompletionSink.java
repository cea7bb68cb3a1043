package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.message.Aside;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;

/** Where the answer of a completion without a session goes. */
interface CompletionSink {

  /** Whether more may come now. When it may again, the sink calls {@link CompletionStream#writable}. */
  boolean isWritable();

  /** Before anything of the answer. */
  void begun(TurnId turn, String model);

  void text(String piece);

  void aside(Aside aside);

  /** The last call. */
  void completed(Completed completed);

  /** The last call. */
  void failed(FaultException failure);
}
