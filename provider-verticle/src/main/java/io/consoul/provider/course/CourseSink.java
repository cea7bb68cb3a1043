package io.consoul.provider.course;

import io.consoul.fault.FaultException;
import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;

/** Where an answer goes, whoever gives it. After {@link #end} or {@link #fail}, of which one comes, no more. */
public interface CourseSink {

  /** All that was said so far. */
  String said();

  /** The next piece of the answer, well-formed. */
  void text(String piece);

  void aside(Aside aside);

  /** @param told by the provider for the whole of this answer, or null where nobody knows it */
  void end(FinishReason reason, Usage told);

  /** Nobody could give the answer, or the rest of it. */
  void fail(FaultException fault);
}
