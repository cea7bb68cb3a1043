package io.consoul.provider;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;

/** Where an adapter puts what its provider says. After {@link #end} or {@link #fail}, of which one comes, no more. */
public interface CompletionSink {

  /** The next piece of the answer, cut anywhere, even inside a surrogate pair. */
  void text(String piece);

  /** What the model thinks, or a piece of a tool call. */
  void aside(Aside aside);

  /** Which model answers, as the provider names it; at most once, and not by every provider. */
  default void answeredBy(String model) {}

  /** @param usage null when the provider did not tell; its cost is not known here */
  void end(FinishReason reason, Usage usage);

  void fail(UpstreamFailure failure);
}
