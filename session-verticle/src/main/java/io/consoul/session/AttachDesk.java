package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Queued;
import io.vertx.core.Future;
import java.util.Optional;

/** Brings a listener to a turn that was begun before, wherever that is by now. Confined to one event loop. */
final class AttachDesk {

  private final SessionStore store;
  private final TurnQueues queues;
  private final RunningTurns running;
  private final ProviderLine provider;

  AttachDesk(SessionStore store, TurnQueues queues, RunningTurns running, ProviderLine provider) {
    this.store = store;
    this.queues = queues;
    this.running = running;
    this.provider = provider;
  }

  /** @return {@code Queued}, {@code Accepted} or {@code Replayed} */
  Future<BusMessage> attach(AttachTurn attach) {
    return waiting(attach)
        .map(Future::succeededFuture)
        .orElseGet(() -> store
            .find(attach)
            .compose(known -> known instanceof SessionStore.Known.Pending pending
                ? follow(attach, pending)
                : replayed(known)));
  }

  /** It waits for those before it, or for a provider. */
  private Optional<BusMessage> waiting(AttachTurn attach) {
    TurnKey turn = new TurnKey(attach.tenant(), attach.turn());
    return queues
        .find(turn)
        .<BusMessage>map(waiting -> new Queued(attach.turn(), queues.ahead(waiting)))
        .or(() -> running.handover(turn).map(handover -> new Queued(attach.turn(), 0)));
  }

  private Future<BusMessage> follow(AttachTurn attach, SessionStore.Known.Pending pending) {
    return provider
        .follow(pending, attach.after(), attach.listener())
        .<BusMessage>map(
            following -> new Accepted(attach.turn(), following.fence(), pending.providerInbox()))
        .recover(gone -> lookAgain(attach));
  }

  /** The provider has it no longer, or is gone with it. */
  private Future<BusMessage> lookAgain(AttachTurn attach) {
    return waiting(attach)
        .map(Future::succeededFuture)
        .orElseGet(() -> store
            .find(attach)
            .compose(known -> known instanceof SessionStore.Known.Pending
                ? Future.failedFuture(Fault.LLM_UNAVAILABLE.retryAfter(
                    1, "the provider of this turn does not answer; ask again in a moment"))
                : replayed(known)));
  }

  private static Future<BusMessage> replayed(SessionStore.Known known) {
    return Future.succeededFuture(((SessionStore.Known.Ended) known).replayed());
  }
}
