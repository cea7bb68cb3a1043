package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.session.SessionStore.Known.Pending;
import io.vertx.core.Future;
import java.util.Optional;

/** Stops turns that their clients want no more, and never another turn than the one that is meant. */
final class CancelDesk {

  private static final FaultException REASON =
      Fault.LLM_CANCELLED.because("the turn was cancelled by its client");

  private final SessionStore store;
  private final TurnStart start;
  private final TurnQueues queues;
  private final RunningTurns running;
  private final ProviderLine provider;

  CancelDesk(
      SessionStore store,
      TurnStart start,
      TurnQueues queues,
      RunningTurns running,
      ProviderLine provider) {
    this.store = store;
    this.start = start;
    this.queues = queues;
    this.running = running;
    this.provider = provider;
  }

  Future<Cancelled> cancel(CancelTurn cancel) {
    Optional<WaitingTurn> waiting = cancel.turn() == null
        ? queues.first(cancel.sessionKey()).filter(WaitingTurn::hasLease)
        : queues.find(new TurnKey(cancel.tenant(), cancel.turn()));
    if (waiting.isPresent()) {
      return cancelHere(waiting.get());
    }
    return store.running(cancel).compose(pending -> {
      if (pending.isPresent() && isMeant(cancel, pending.get())) {
        TurnKey turn = new TurnKey(cancel.tenant(), pending.get().turn());
        return queues.find(turn).map(this::cancelHere).orElseGet(() -> stop(turn, pending.get()));
      }
      return cancel.turn() == null && pending.isEmpty()
          ? queues.first(cancel.sessionKey()).map(this::cancelHere).orElseGet(this::nothing)
          : nothing();
    });
  }

  private static boolean isMeant(CancelTurn cancel, Pending pending) {
    return cancel.turn() == null || cancel.turn().equals(pending.turn());
  }

  /** It waits in this instance, for the turns before it or for a provider. */
  private Future<Cancelled> cancelHere(WaitingTurn turn) {
    TurnKey key = TurnKey.of(turn.begin());
    if (!turn.hasLease()) {
      start.leave(turn, () -> turn.failed(REASON));
      return Future.succeededFuture(new Cancelled(key.turn()));
    }
    return running
        .handover(key)
        .map(handover -> stopWhenTaken(key, handover))
        .orElseGet(this::nothing);
  }

  private Future<Cancelled> stopWhenTaken(TurnKey turn, Future<Handover.Taken> handover) {
    running.cancelled(turn);
    return handover.transform(outcome -> {
      if (outcome.succeeded()) {
        Handover.Taken taken = outcome.result();
        return stop(turn, new Pending(turn.turn(), taken.fence(), taken.providerInbox()));
      }
      boolean stopped =
          outcome.cause() instanceof FaultException known && known.fault() == Fault.LLM_CANCELLED;
      return Future.succeededFuture(new Cancelled(stopped ? turn.turn() : null));
    });
  }

  private Future<Cancelled> stop(TurnKey turn, Pending pending) {
    return provider
        .stop(pending, REASON)
        .recover(gone -> takeAway(turn))
        .map(stopped -> new Cancelled(stopped ? turn.turn() : null));
  }

  /** Its provider does not answer, so it cannot be the one that ends the turn. */
  private Future<Boolean> takeAway(TurnKey turn) {
    return store.cancel(turn).onSuccess(cancelled -> {
      if (cancelled) {
        start.ended(turn);
      }
    });
  }

  private Future<Cancelled> nothing() {
    return Future.succeededFuture(new Cancelled(null));
  }
}
