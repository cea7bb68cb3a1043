package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.http.ClientAddress;
import io.consoul.gateway.key.ApiKey;
import io.consoul.gateway.key.ApiKeys;
import io.consoul.gateway.key.Caller;
import io.consoul.gateway.key.Credentials;
import io.consoul.gateway.key.KeyHash;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.Optional;

/** Finds out who makes a request, and refuses who may not. */
final class Gate {

  private final Edge edge;
  private final InstantSource clock;

  Gate(Edge edge, InstantSource clock) {
    this.edge = edge;
    this.clock = clock;
  }

  /** @throws FaultException E010 to E013, with what the caller is to do */
  Standing admit(HttpServerRequest request) {
    Rules rules = edge.rules();
    ApiKeys keys = rules.keys();
    if (keys.bypasses(request.path())) {
      return anonymous(rules, request);
    }
    if (keys.isEmpty()) {
      protect(request);
      return anonymous(rules, request);
    }
    Optional<KeyHash> given = Credentials.of(request, keys.places());
    if (given.isPresent()) {
      return admit(given.get(), rules, request);
    }
    if (rules.allowAnonymous()) {
      return anonymous(rules, request);
    }
    throw Fault.AUTH_REQUIRED.because("An API key is required; send it in the header "
        + keys.places().header() + " or as \"Authorization: Bearer <key>\".");
  }

  /**
   * A browser's question whether a page may make a request; it never has a key with it.
   *
   * @throws FaultException E013
   */
  void admitPreflight(HttpServerRequest request) {
    if (edge.rules().keys().isEmpty()) {
      protect(request);
    }
  }

  /**
   * Callers without a key share their sessions, so only those of this machine may see which there are.
   *
   * @throws FaultException E013 for others
   */
  void requireListing(Exchange exchange) {
    if (!exchange.caller().isAnonymous()) {
      return;
    }
    HttpServerRequest request = exchange.request();
    ProtectedMode.foreign(address(request).direct(), request.headers()).ifPresent(foreign -> {
      throw Fault.FORBIDDEN.because(
          "Without an API key, sessions are listed to callers of the server's own machine only.");
    });
  }

  private Standing admit(KeyHash given, Rules rules, HttpServerRequest request) {
    ApiKey key = rules
        .keys()
        .find(given)
        .orElseThrow(
            () -> Fault.INVALID_API_KEY.because(
                "The API key is not one of this server's; check it, or ask who runs the server for one."));
    if (key.isExpired(clock.instant())) {
      throw Fault.API_KEY_EXPIRED.because(Standing.EXPIRED);
    }
    edge.keyUse().used(key.id(), clock.instant());
    Caller caller = key.caller(String.valueOf(address(request).client()));
    return new Standing(edge, clock, rules, caller, request.path(), key);
  }

  private Standing anonymous(Rules rules, HttpServerRequest request) {
    Caller caller = Caller.anonymous(String.valueOf(address(request).client()));
    return new Standing(edge, clock, rules, caller, request.path(), null);
  }

  private void protect(HttpServerRequest request) {
    new ProtectedMode(edge.rules().allowAnonymous())
        .refusal(address(request).direct(), request.headers())
        .ifPresent(refusal -> {
          throw refusal;
        });
  }

  private ClientAddress address(HttpServerRequest request) {
    return ClientAddress.of(request, edge.rules().http().trustedProxies());
  }
}
