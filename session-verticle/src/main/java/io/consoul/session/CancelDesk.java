package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.TurnId;
import io.consoul.session.SessionStore.Known.Pending;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Stops turns that their clients want no more, and never another turn than the one that is meant. */
final class CancelDesk {

  private static final FaultException REASON =
      Fault.LLM_CANCELLED.because("the turn was cancelled by its client");

  /** Sends the listener back to us for what is stored. */
  private static final FaultException LEASE_TAKEN =
      Fault.SESSION_LOCKED.because("the turn was taken from its provider");

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final SessionStore store;
  private final TurnStart start;
  private final TurnQueues queues;
  private final RunningTurns running;
  private final Repeats repeats;
  private final ProviderLine provider;

  CancelDesk(
      SessionStore store,
      TurnStart start,
      TurnQueues queues,
      RunningTurns running,
      Repeats repeats,
      ProviderLine provider) {
    this.store = store;
    this.start = start;
    this.queues = queues;
    this.running = running;
    this.repeats = repeats;
    this.provider = provider;
  }

  Future<Cancelled> cancel(CancelTurn cancel) {
    return firstOf(cancel)
        .map(first -> cancelAsRepeat(cancel, first))
        .orElseGet(() -> stop(cancel));
  }

  /** A repeat under an idempotency key is the turn that it repeats; it must not run when that is gone. */
  private Future<Cancelled> cancelAsRepeat(CancelTurn repeat, TurnId first) {
    queues
        .find(new TurnKey(repeat.tenant(), repeat.turn()))
        .ifPresent(waiting -> start.leave(waiting, () -> waiting.failed(REASON)));
    return stop(new CancelTurn(repeat.session(), repeat.tenant(), first));
  }

  private Optional<TurnId> firstOf(CancelTurn cancel) {
    return Optional.ofNullable(cancel.turn())
        .flatMap(turn -> repeats.first(new TurnKey(cancel.tenant(), turn)));
  }

  private Future<Cancelled> stop(CancelTurn cancel) {
    Optional<WaitingTurn> waiting = cancel.turn() == null
        ? queues.first(cancel.sessionKey()).filter(WaitingTurn::hasLease)
        : queues.find(new TurnKey(cancel.tenant(), cancel.turn()));
    if (waiting.isPresent()) {
      return cancelHere(waiting.get());
    }
    return store.running(cancel).compose(pending -> {
      if (pending.isPresent() && isMeant(cancel, pending.get())) {
        TurnKey turn = new TurnKey(cancel.tenant(), pending.get().turn());
        return queues
            .find(turn)
            .map(this::cancelHere)
            .or(() ->
                running.handover(turn).map(taken -> stopWhenTaken(turn, pending.get(), taken)))
            .orElseGet(() -> stop(turn, pending.get()));
      }
      return cancel.turn() == null && pending.isEmpty()
          ? queues
              .first(cancel.sessionKey())
              .filter(WaitingTurn::isBeginning)
              .map(this::cancelHere)
              .orElseGet(this::nothing)
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
        .map(handover -> stopWhenTaken(key, asked(turn.begin()), handover))
        .orElseGet(this::nothing);
  }

  /** Whoever takes it is told at once; whoever cancelled it does not wait for that for longer than a request may take. */
  private Future<Cancelled> stopWhenTaken(
      TurnKey turn, Pending pending, Future<Handover.Taken> handover) {
    running.cancelled(turn);
    return handover
        .transform(outcome -> outcome.succeeded()
            ? stop(turn, pending.at(outcome.result()))
            : Future.succeededFuture(notTaken(turn, outcome.cause())))
        .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .recover(late -> late instanceof TimeoutException
            ? Future.succeededFuture(new Cancelled(turn.turn()))
            : Future.failedFuture(late));
  }

  /** Nobody has it yet. */
  private static Pending asked(BeginTurn begin) {
    return new Pending(begin.turn(), 0, "", begin.listener());
  }

  private static Cancelled notTaken(TurnKey turn, Throwable reason) {
    boolean cancelled =
        reason instanceof FaultException known && known.fault() == Fault.LLM_CANCELLED;
    return new Cancelled(cancelled ? turn.turn() : null);
  }

  private Future<Cancelled> stop(TurnKey turn, Pending pending) {
    return provider
        .stop(pending, REASON)
        .recover(gone -> takeAway(turn, pending))
        .map(stopped -> new Cancelled(stopped ? turn.turn() : null));
  }

  /** Its provider does not answer, so it cannot be the one that ends the turn, nor tell anybody. */
  private Future<Boolean> takeAway(TurnKey turn, Pending pending) {
    return store.cancel(turn).onSuccess(cancelled -> {
      if (cancelled) {
        start.ended(turn);
        store
            .find(new AttachTurn(turn.turn(), turn.tenant(), 0, pending.listener()))
            .onSuccess(kept -> provider.failed(pending, LEASE_TAKEN))
            .onFailure(nothingSaid -> provider.failed(pending, REASON));
      }
    });
  }

  private Future<Cancelled> nothing() {
    return Future.succeededFuture(new Cancelled(null));
  }
}
