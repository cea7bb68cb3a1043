package io.consoul.provider;

import io.consoul.fault.FaultException;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;

/** Where an adapter puts what its provider says. After {@link #end} or {@link #fail}, of which one comes, no more. */
public interface CompletionSink {

  /** The next piece of the answer, cut anywhere, even inside a surrogate pair. */
  void text(String piece);

  /** @param usage null when the provider did not tell */
  void end(FinishReason reason, Usage usage);

  void fail(FaultException fault);
}
