package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.key.Caller;
import io.consoul.gateway.limit.Limits;
import io.consoul.gateway.limit.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;

/** Charges requests to the limits of their callers, and tells the caller how the limits stand. */
final class Toll {

  private final Limits limits;

  Toll(Limits limits) {
    this.limits = limits;
  }

  /** The endpoint for callers who may; the others are refused before any of their body is taken. */
  Handler<Exchange> of(Handler<Exchange> endpoint) {
    return exchange -> {
      Future<Void> charged = charge(exchange, 1, null);
      if (charged.succeeded()) {
        endpoint.handle(exchange);
        return;
      }
      HttpServerRequest request = exchange.request();
      request.pause();
      charged.onComplete(
          admitted -> {
            if (!exchange.isOver()) {
              exchange.run(() -> endpoint.handle(exchange));
            }
            resume(request);
          },
          refusal -> {
            exchange.fail(refusal);
            resume(request);
          });
    };
  }

  /** Over HTTP/2 one that its client has given up meanwhile cannot be. */
  private static void resume(HttpServerRequest request) {
    if (!request.isEnded()) {
      request.resume();
    }
  }

  /**
   * Fails with E020 or E021 where the caller has used up what it may, with E003 where it never may so much at once.
   *
   * @param field that says how much it is
   */
  Future<Void> charge(Exchange exchange, int cost, String field) {
    return limits
        .charge(exchange.caller(), cost)
        .map(verdict -> told(exchange, verdict, cost, field));
  }

  /** As above for a request whose first unit was paid at the door. That one stays charged where the others have no room. */
  Future<Void> chargeRest(Exchange exchange, int cost, String field) {
    return limits
        .charge(exchange.caller(), cost - 1)
        .map(verdict -> told(exchange, verdict.map(known -> forAll(known, cost)), cost, field));
  }

  /** For a message that is no request of its own; fails as above. */
  Future<Void> charge(Caller caller) {
    return limits.charge(caller, 1).map(verdict -> {
      verdict.ifPresent(known -> require(known, caller));
      return null;
    });
  }

  private Void told(Exchange exchange, Optional<Verdict> verdict, int cost, String field) {
    verdict.ifPresent(known -> {
      if (!exchange.isOver()) {
        tell(exchange.response(), known);
        if (ErrorShape.isV1(exchange.request().path())) {
          V1LimitHeaders.tell(exchange.response(), known);
        }
      }
      if (known.isForGood()) {
        throw Fault.FIELD_VALIDATION_FAILED.inField(
            field,
            "costs as much as " + cost + " requests, and the rate limit lets " + known.limit()
                + " through at most; ask for fewer at a time");
      }
      require(known, exchange.caller());
    });
    return null;
  }

  /** Who comes again pays the first unit again, so there must be room for all. */
  private static Verdict forAll(Verdict rest, int cost) {
    if (rest.admitted()) {
      return rest;
    }
    Duration wait = cost > rest.limit() ? Duration.ZERO : rest.reset();
    return new Verdict(false, rest.limit(), rest.remaining(), rest.reset(), wait);
  }

  private void require(Verdict verdict, Caller caller) {
    if (!verdict.admitted()) {
      throw refusal(verdict, limits.hasTier(caller));
    }
  }

  private static FaultException refusal(Verdict verdict, boolean ofTier) {
    int seconds = (int) Math.min(Integer.MAX_VALUE, Math.max(1, seconds(verdict.retryAfter())));
    String later = " used up; try again in " + seconds + " s.";
    return !ofTier
        ? Fault.RATE_LIMIT_EXCEEDED.retryAfter(
            seconds, "The limit of " + verdict.limit() + " requests is" + later)
        : Fault.RATE_LIMIT_TIER_EXHAUSTED.retryAfter(
            seconds, "The limit of this key's tier, " + verdict.limit() + " requests, is" + later);
  }

  private static void tell(HttpServerResponse response, Verdict verdict) {
    response
        .putHeader("X-RateLimit-Limit", Integer.toString(verdict.limit()))
        .putHeader("X-RateLimit-Remaining", Integer.toString(verdict.remaining()))
        .putHeader("X-RateLimit-Reset", Long.toString(seconds(verdict.reset())));
  }

  /** Rounded up. */
  private static long seconds(Duration time) {
    return time.plusNanos(999_999_999).toSeconds();
  }
}
