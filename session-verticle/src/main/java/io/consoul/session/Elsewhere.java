package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.node.Node;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Asks another node's instance for what this one cannot do because it does not reach its store. That one says in its hellos that
 * it does; whoever has said that it does not is asked by nobody, so no request goes round in circles.
 */
final class Elsewhere {

  private final Node node;
  private final String ownInbox;

  Elsewhere(Node node, String ownInbox) {
    this.node = node;
    this.ownInbox = ownInbox;
  }

  /** Whom to ask; empty while this instance reaches its store, and where nobody else does. */
  Optional<String> inbox(String sessionKey) {
    return isCutOff()
        ? node.directory()
            .pickFor(Kind.SESSION, sessionKey)
            .filter(hello -> !hello.node().equals(node.id()) && reaches(hello))
            .map(Hello::inbox)
        : Optional.empty();
  }

  /** The reply of whoever can; or the failure, where it is another one or nobody can. */
  Future<BusMessage> ask(Throwable failure, String sessionKey, BusMessage request) {
    Optional<String> inbox = failure instanceof FaultException known
            && known.fault() == Fault.SESSION_STORAGE_UNAVAILABLE
        ? inbox(sessionKey)
        : Optional.empty();
    return inbox.isEmpty()
        ? Future.failedFuture(failure)
        : node.bus().ask(Kind.SESSION, inbox.get(), request, Bus.ACKNOWLEDGEMENT);
  }

  private boolean isCutOff() {
    return node.directory().serving(Kind.SESSION).stream()
        .anyMatch(hello -> hello.inbox().equals(ownInbox) && !reaches(hello));
  }

  private static boolean reaches(Hello hello) {
    return hello.store() == null || hello.store().isWhole();
  }
}
