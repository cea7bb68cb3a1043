package io.consoul.gateway.observe;

import io.consoul.fault.Fault;
import io.consoul.message.TurnId;
import io.consoul.trace.Headers;
import io.consoul.trace.RequestContext;
import io.consoul.trace.Tracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * The span of one request, or of one message on a WebSocket, by the conventions of OpenTelemetry for HTTP servers. It lasts until the
 * whole answer has left.
 */
final class RequestSpan {

  private final RequestContext context;

  private RequestSpan(String requestId, SpanBuilder span) {
    this.context = RequestContext.of(
        requestId, span.setAttribute("consoul.request.id", requestId).startSpan());
  }

  /** It goes on with the caller's trace where the request has a {@code traceparent}. */
  static RequestSpan of(
      Tracing tracing, HttpServerRequest request, Endpoint endpoint, Verb verb, String requestId) {
    boolean known = endpoint != Endpoint.UNMATCHED;
    String method = verb == Verb.OTHER ? "HTTP" : verb.label();
    SpanBuilder span = tracing
        .span(
            known ? method + " " + endpoint.template() : method,
            SpanKind.SERVER,
            Headers.trace(request.headers()))
        .setAttribute("http.request.method", verb == Verb.OTHER ? "_OTHER" : verb.label())
        .setAttribute("url.scheme", request.isSSL() ? "https" : "http")
        .setAttribute("network.protocol.version", version(request.version()));
    return new RequestSpan(
        requestId, known ? span.setAttribute("http.route", endpoint.template()) : span);
  }

  /**
   * A socket may last for days, so each of its messages has a trace of its own, which is linked to that of the upgrade.
   *
   * @param upgrade the request that became the socket
   */
  static RequestSpan ofMessage(Tracing tracing, RequestContext upgrade, String requestId) {
    SpanBuilder span = tracing
        .span(
            Verb.WS.label() + " " + Endpoint.SOCKET.template(), SpanKind.SERVER, Span.getInvalid())
        .setAttribute("http.route", Endpoint.SOCKET.template())
        .setAttribute("network.protocol.name", "websocket");
    return new RequestSpan(
        requestId, upgrade.trace().isValid() ? span.addLink(upgrade.trace()) : span);
  }

  RequestContext context() {
    return context;
  }

  void answers(TurnId turn) {
    context.span().setAttribute(Tracing.TURN, turn.value());
  }

  /** @param fault that its client is told, or null */
  void end(int status, Fault fault) {
    Span span = context.span();
    span.setAttribute("http.response.status_code", status);
    if (fault != null) {
      Tracing.failed(span, fault);
    } else if (status == RequestObserver.LEFT) {
      span.setAttribute(Tracing.ERROR_TYPE, "client_gone");
    }
    span.end();
  }

  private static String version(HttpVersion version) {
    return version == HttpVersion.HTTP_2 ? "2" : version == HttpVersion.HTTP_1_0 ? "1.0" : "1.1";
  }
}
