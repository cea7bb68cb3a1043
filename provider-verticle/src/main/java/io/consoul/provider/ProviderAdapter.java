package io.consoul.provider;

import io.vertx.core.Future;

/** Speaks one provider's language. Used on the event loop of one verticle instance. */
public interface ProviderAdapter {

  /** Begins an answer. The sink is called later, never before this returns. */
  CompletionStream open(Completion completion, CompletionSink sink);

  Future<Void> close();
}
