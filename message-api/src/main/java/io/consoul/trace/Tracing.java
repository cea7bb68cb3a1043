package io.consoul.trace;

import io.consoul.fault.Fault;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/**
 * Begins the spans of this node. Their parents are told, never taken from the thread, for one thread serves all requests. Spans
 * have no text of a message in them, and no key.
 */
public final class Tracing {

  /** Records nothing: a span only passes on the trace that its parent belongs to. */
  public static final Tracing OFF = new Tracing(OpenTelemetry.noop().getTracer("io.consoul"));

  /** What a failed span failed with: a code of the fault catalogue, or another word out of few. */
  public static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

  /** The turn that a span is about. */
  public static final AttributeKey<String> TURN = AttributeKey.stringKey("consoul.turn.id");

  private final Tracer tracer;

  public Tracing(Tracer tracer) {
    this.tracer = tracer;
  }

  /** Of the present request. Its begin is now, once it is started. */
  public SpanBuilder span(String name, SpanKind kind) {
    return span(name, kind, RequestContext.current().span());
  }

  /** It ends with this, which is our side's doing or the caller's by its status. */
  public static void failed(Span span, Fault fault) {
    span.setAttribute(ERROR_TYPE, fault.code());
    if (fault.status() >= 500) {
      span.setStatus(StatusCode.ERROR, fault.error());
    }
  }

  /** @param parent not a valid one for a trace of its own */
  public SpanBuilder span(String name, SpanKind kind, Span parent) {
    return tracer
        .spanBuilder(name)
        .setSpanKind(kind)
        .setParent(
            parent.getSpanContext().isValid() ? Context.root().with(parent) : Context.root());
  }
}
