package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Credit;
import io.consoul.message.Detach;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.vertx.core.Future;

/**
 * The sessions and providers as a turn sees them.
 *
 * @param inbox where this gateway instance takes events
 * @param window UTF-16 code units that may be on their way to it unacknowledged
 */
record TurnPeers(Node node, String inbox, int window) {

  Listener listener() {
    return new Listener(inbox, window);
  }

  /** Asks the session instance that owns the turn; it replies accepted, queued, or with a fault. */
  Future<BusMessage> begin(BeginTurn begin) {
    return node.directory()
        .pickFor(Kind.SESSION, begin.sessionKey())
        .map(session -> node.bus().ask(Kind.SESSION, session.inbox(), begin, Bus.ACKNOWLEDGEMENT))
        .orElseGet(() -> Future.failedFuture(
            Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(1, "No session verticle is there.")));
  }

  /** Has the provider send the turn again from this offset on. */
  Future<Following> follow(String provider, TurnId turn, int after) {
    FollowTurn follow = new FollowTurn(turn, after, listener());
    return node.bus()
        .ask(Kind.PROVIDER, provider, follow, Following.class, Bus.ACKNOWLEDGEMENT)
        .recover(failure -> Future.failedFuture(lost(failure)));
  }

  void credit(String provider, TurnId turn, long fence, int upTo) {
    node.bus().tell(provider, new Credit(turn, fence, inbox, upTo));
  }

  void detach(String provider, TurnId turn) {
    node.bus().tell(provider, new Detach(turn, inbox));
  }

  long millis() {
    return node.clock().millis();
  }

  /** "Not running here" is said of the turn at its provider; a client would take it for its session. */
  private static Throwable lost(Throwable failure) {
    return failure instanceof FaultException known && known.fault() == Fault.SESSION_NOT_FOUND
        ? Fault.LLM_UNAVAILABLE.retryAfter(1, "The model provider lost the turn.")
        : failure;
  }
}
