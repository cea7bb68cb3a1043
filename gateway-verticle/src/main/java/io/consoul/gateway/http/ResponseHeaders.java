package io.consoul.gateway.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/** The headers by which every answer asks browsers to be careful with it. */
public final class ResponseHeaders {

  private static final CharSequence TYPE_OPTIONS =
      HttpHeaders.createOptimized("x-content-type-options");
  private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
  private static final CharSequence REFERRER = HttpHeaders.createOptimized("referrer-policy");
  private static final CharSequence NO_REFERRER = HttpHeaders.createOptimized("no-referrer");
  private static final CharSequence CONTENT_POLICY =
      HttpHeaders.createOptimized("content-security-policy");
  private static final CharSequence NOTHING =
      HttpHeaders.createOptimized("default-src 'none'; frame-ancestors 'none'");
  private static final CharSequence TRANSPORT =
      HttpHeaders.createOptimized("strict-transport-security");

  /** Null where browsers are not told to insist on TLS. */
  private final CharSequence insist;

  /** @param hstsMaxAge for how long a browser that came over TLS is to come over nothing else; zero for not at all */
  public ResponseHeaders(Duration hstsMaxAge) {
    this.insist = hstsMaxAge.isZero()
        ? null
        : HttpHeaders.createOptimized("max-age=" + hstsMaxAge.toSeconds());
  }

  public void tell(HttpServerRequest request, HttpServerResponse response, TrustedProxies trusted) {
    response
        .putHeader(TYPE_OPTIONS, NOSNIFF)
        .putHeader(REFERRER, NO_REFERRER)
        .putHeader(CONTENT_POLICY, NOTHING);
    if (insist != null && ClientAddress.isSecure(request, trusted)) {
      response.putHeader(TRANSPORT, insist);
    }
  }
}
