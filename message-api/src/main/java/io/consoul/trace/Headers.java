package io.consoul.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.eventbus.DeliveryOptions;

/** A {@link RequestContext} on its way: as headers of a bus message, and its trace as those of W3C in an HTTP request. */
public final class Headers {

  /** On the bus. */
  public static final String REQUEST_ID = "request-id";

  /** Longer than what clients may send, for a message of a socket has the socket's with its number behind it. */
  private static final int MAX_REQUEST_ID = 200;

  private static final String TRACE_STATE = "tracestate";

  /** So much of it W3C wants everybody to pass on. What is longer is left out as a whole: it would be kept with every turn. */
  private static final int MAX_TRACE_STATE = 512;

  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  /** Nodes that do not know them leave them alone. */
  public static void write(RequestContext request, DeliveryOptions message) {
    if (!request.requestId().isEmpty()) {
      message.addHeader(REQUEST_ID, request.requestId());
    }
    if (request.trace().isValid()) {
      W3C.inject(Context.root().with(request.span()), message, DeliveryOptions::addHeader);
    }
  }

  /** Of a message, which anybody on the bus may have sent: what is not well-formed counts as not there. */
  public static RequestContext read(MultiMap headers) {
    String id = headers.get(REQUEST_ID);
    Span sender = trace(headers);
    boolean known = isWellFormed(id, MAX_REQUEST_ID);
    return known || sender.getSpanContext().isValid()
        ? RequestContext.of(known ? id : "", sender)
        : RequestContext.NONE;
  }

  /** The caller's span, as its traceparent and tracestate tell; not a valid one where they tell none. */
  public static Span trace(MultiMap headers) {
    return Span.fromContext(W3C.extract(Context.root(), headers, Headers::bounded));
  }

  private static String bounded(MultiMap headers, String name) {
    String value = headers.get(name);
    boolean tooLong = value != null && name.equals(TRACE_STATE) && value.length() > MAX_TRACE_STATE;
    return tooLong ? null : value;
  }

  /** Whether an id may be written into logs and headers as it is. */
  public static boolean isWellFormed(String id, int longest) {
    return id != null
        && !id.isEmpty()
        && id.length() <= longest
        && id.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  private Headers() {}
}
