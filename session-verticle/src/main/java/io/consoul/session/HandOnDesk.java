package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.HandOn;
import io.consoul.message.HandedOn;
import io.consoul.message.Listener;
import io.consoul.node.Node;
import io.consoul.session.SessionStore.Known.Pending;
import io.vertx.core.Future;

/**
 * Takes turns from providers that are being stopped, gives them to others, and tells all who follow where they go on. Confined
 * to one event loop.
 */
final class HandOnDesk {

  private final Node node;
  private final SessionStore store;
  private final RunningTurns running;
  private final TakeoverDesk takeovers;
  private final Listener nobody;

  HandOnDesk(
      Node node,
      SessionStore store,
      RunningTurns running,
      TakeoverDesk takeovers,
      String sessionInbox) {
    this.node = node;
    this.store = store;
    this.running = running;
    this.takeovers = takeovers;
    this.nobody = new Listener(sessionInbox, 1);
  }

  /** Repeating it is safe: a turn that another one has by now is not given away again. */
  Future<HandedOn> handOn(HandOn handOn) {
    TurnKey turn = new TurnKey(handOn.tenant(), handOn.turn());
    return running
        .handover(turn)
        .map(underWay -> underWay.<Void>mapEmpty().otherwiseEmpty())
        .orElseGet(Future::succeededFuture)
        .compose(settled -> store.find(new AttachTurn(handOn.turn(), handOn.tenant(), 0, nobody)))
        .compose(known -> known instanceof Pending pending
            ? handOn(handOn, pending)
            : Future.failedFuture(ended()));
  }

  private Future<HandedOn> handOn(HandOn handOn, Pending pending) {
    if (pending.fence() > handOn.fence()) {
      return Future.succeededFuture(new HandedOn(handOn.turn(), pending.fence()));
    }
    return takeovers.handOn(handOn, pending).map(taken -> {
      Accepted accepted = taken.accepted(handOn.turn());
      handOn.followers().forEach(follower -> node.bus().tell(follower.listener(), accepted));
      return new HandedOn(handOn.turn(), taken.fence());
    });
  }

  private static Throwable ended() {
    return Fault.SESSION_LOCKED.because("the turn has ended without its provider");
  }
}
