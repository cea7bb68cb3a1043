package io.consoul.gateway.observe;

import io.consoul.gateway.http.TrustedProxies;
import io.consoul.trace.Tracing;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Makes an observer for each request of one gateway instance. Confined to its event loop. */
public final class Observers {

  private final InstantSource clock;
  private final Tracing tracing;
  private final RequestMeters meters;
  private final KnownModels models;
  private final AccessLog log;
  private final Supplier<TrustedProxies> trusted;

  /**
   * @param accessLog whether it is on, asked each time
   * @param trusted who is believed about where a request comes from, asked each time
   */
  public Observers(
      InstantSource clock,
      Tracing tracing,
      RequestMeters meters,
      KnownModels models,
      BooleanSupplier accessLog,
      Supplier<TrustedProxies> trusted) {
    this.clock = clock;
    this.tracing = tracing;
    this.meters = meters;
    this.models = models;
    models.onKnown(meters::keepModels);
    this.log = new AccessLog(accessLog);
    this.trusted = trusted;
  }

  /** @param requestId that its answer tells */
  public RequestObserver request(HttpServerRequest request, String requestId) {
    return new RequestObserver(this, request, requestId);
  }

  Origin origin(HttpServerRequest request, String requestId) {
    return Origin.of(request, requestId, trusted.get());
  }

  Tracing tracing() {
    return tracing;
  }

  RequestMeters meters() {
    return meters;
  }

  KnownModels models() {
    return models;
  }

  AccessLog log() {
    return log;
  }

  long nanos() {
    Instant now = clock.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }
}
