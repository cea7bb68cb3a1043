package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
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

  Future<Following> follow(String provider, FollowTurn follow) {
    return node.bus().ask(Kind.PROVIDER, provider, follow, Following.class, Bus.ACKNOWLEDGEMENT);
  }

  void tell(String provider, BusMessage message) {
    node.bus().tell(provider, message);
  }

  long millis() {
    return node.clock().millis();
  }
}
