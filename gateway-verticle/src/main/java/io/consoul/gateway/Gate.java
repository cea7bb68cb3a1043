package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.key.Caller;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;

/** Finds out who makes a request, and refuses who may not. */
final class Gate {

  private final Edge edge;

  Gate(Edge edge) {
    this.edge = edge;
  }

  /** @throws FaultException E010 to E013, with what the caller is to do */
  Caller admit(HttpServerRequest request) {
    new ProtectedMode(edge.rules().allowAnonymous())
        .refusal(address(request), request.headers())
        .ifPresent(refusal -> {
          throw refusal;
        });
    return Caller.anonymous(String.valueOf(address(request)));
  }

  /**
   * Callers without a key share their sessions, so only those of this machine may see which there are.
   *
   * @throws FaultException E013 for others
   */
  void requireListing(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    ProtectedMode.foreign(address(request), request.headers()).ifPresent(foreign -> {
      throw Fault.FORBIDDEN.because(
          "Without an API key, sessions are listed to callers of the server's own machine only.");
    });
  }

  private static String address(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    return remote == null ? null : remote.hostAddress();
  }
}
