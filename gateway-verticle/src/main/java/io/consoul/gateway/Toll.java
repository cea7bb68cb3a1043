package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.limit.Limits;
import io.consoul.gateway.limit.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/** Charges requests to the limits of their callers, and tells the caller how the limits stand. */
final class Toll {

  private final Limits limits;

  Toll(Limits limits) {
    this.limits = limits;
  }

  /** The endpoint for callers who may; the others are refused before any of their body is taken. */
  Handler<Exchange> of(Handler<Exchange> endpoint) {
    return exchange -> {
      Future<Void> charged = charge(exchange, 1);
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
              request.resume();
            }
          },
          refusal -> {
            exchange.fail(refusal);
            request.resume();
          });
    };
  }

  /** Fails with E020 or E021 where the caller has used up what it may. */
  Future<Void> charge(Exchange exchange, int cost) {
    return limits.charge(exchange.caller(), cost).map(verdict -> {
      verdict.ifPresent(known -> {
        tell(exchange.response(), known);
        if (ErrorShape.isV1(exchange.request().path())) {
          V1LimitHeaders.tell(exchange.response(), known);
        }
        if (!known.admitted()) {
          throw refusal(known);
        }
      });
      return null;
    });
  }

  private static FaultException refusal(Verdict verdict) {
    long seconds = seconds(verdict.retryAfter());
    return Fault.RATE_LIMIT_EXCEEDED.retryAfter(
        (int) seconds, "Too many requests; try again in " + seconds + " s.");
  }

  private static void tell(HttpServerResponse response, Verdict verdict) {
    response
        .putHeader("X-RateLimit-Limit", Integer.toString(verdict.limit()))
        .putHeader("X-RateLimit-Remaining", Integer.toString(verdict.remaining()))
        .putHeader("X-RateLimit-Reset", Long.toString(seconds(verdict.reset())));
  }

  /** Rounded up. */
  private static long seconds(Duration time) {
    return (time.toMillis() + 999) / 1_000;
  }
}
