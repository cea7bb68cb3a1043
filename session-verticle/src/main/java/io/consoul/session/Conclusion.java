package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AbortTurn;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.SealTurn;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends turns that were taken over and that nobody goes on with: what was said is kept, and what was not leaves no trace. */
final class Conclusion {

  private static final Logger log = LoggerFactory.getLogger(Conclusion.class);

  private static final FaultException KEPT = Fault.LLM_UNAVAILABLE.because(
      "the provider was lost in the middle of the answer, and no other one goes on with it; what was said until then is kept: "
          + "ask for the rest in a new message");

  private static final FaultException NOTHING_SAID = Fault.LLM_UNAVAILABLE.retryAfter(
      1, "the provider was lost before it said anything; send the message again");

  private final SessionStore store;
  private final Consumer<SealTurn> sealed;

  /** @param sealed told of each turn that is kept */
  Conclusion(SessionStore store, Consumer<SealTurn> sealed) {
    this.store = store;
    this.sealed = sealed;
  }

  /** Under a lease that no provider has ever had, for it would take this seal for its own. */
  <T> Future<T> interrupted(Takeovers.Takeover.Won won) {
    FaultException reason = won.said().isEmpty() ? NOTHING_SAID : KEPT;
    return end(won, FinishReason.INTERRUPTED, KEPT)
        .onSuccess(ended -> log.warn(
            "nobody goes on with a turn whose provider is gone: turn={} kept_as_interrupted={}",
            won.begin().turn(),
            !won.said().isEmpty()))
        .transform(ended -> Future.failedFuture(ended.succeeded() ? reason : ended.cause()));
  }

  /** As its client wished. */
  <T> Future<T> cancelled(Takeovers.Takeover.Won won) {
    return end(won, FinishReason.CANCELLED, null)
        .transform(ended ->
            Future.failedFuture(ended.succeeded() ? Fault.LLM_CANCELLED.because() : ended.cause()));
  }

  private Future<?> end(Takeovers.Takeover.Won won, FinishReason reason, FaultException failure) {
    SessionStore.Lease lease = won.granted().lease();
    if (won.said().isEmpty()) {
      return store.abort(
          new AbortTurn(won.begin().turn(), won.begin().tenant(), lease.fence(), lease.token()));
    }
    int tokens = MessageTokens.estimate(won.said());
    SealTurn seal = new SealTurn(
        won.begin().turn(),
        won.begin().tenant(),
        lease.fence(),
        lease.token(),
        won.said(),
        reason,
        new Usage(won.granted().promptTokens(), tokens, 0, true),
        won.granted().model(),
        null,
        0,
        won.cuts(),
        failure == null ? null : Failed.of(failure));
    return store.seal(seal).onSuccess(stored -> sealed.accept(seal));
  }
}
