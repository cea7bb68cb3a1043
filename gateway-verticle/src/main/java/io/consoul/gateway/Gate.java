package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.http.ClientAddress;
import io.consoul.gateway.key.Caller;
import io.vertx.core.http.HttpServerRequest;

/** Finds out who makes a request, and refuses who may not. */
final class Gate {

  private final Edge edge;

  Gate(Edge edge) {
    this.edge = edge;
  }

  /** @throws FaultException E010 to E013, with what the caller is to do */
  Caller admit(HttpServerRequest request) {
    ClientAddress address = address(request);
    protect(request, address);
    return Caller.anonymous(String.valueOf(address.client()));
  }

  /**
   * A browser's question whether a page may make a request; it never has a key with it.
   *
   * @throws FaultException E013
   */
  void admitPreflight(HttpServerRequest request) {
    if (edge.rules().keys().isEmpty()) {
      protect(request, address(request));
    }
  }

  /**
   * Callers without a key share their sessions, so only those of this machine may see which there are.
   *
   * @throws FaultException E013 for others
   */
  void requireListing(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    ProtectedMode.foreign(address(request).direct(), request.headers()).ifPresent(foreign -> {
      throw Fault.FORBIDDEN.because(
          "Without an API key, sessions are listed to callers of the server's own machine only.");
    });
  }

  private void protect(HttpServerRequest request, ClientAddress address) {
    new ProtectedMode(edge.rules().allowAnonymous())
        .refusal(address.direct(), request.headers())
        .ifPresent(refusal -> {
          throw refusal;
        });
  }

  private ClientAddress address(HttpServerRequest request) {
    return ClientAddress.of(request, edge.rules().http().trustedProxies());
  }
}
