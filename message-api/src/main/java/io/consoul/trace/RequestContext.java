package io.consoul.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Supplier;

/**
 * Whose request this is: its id, and the span of its trace that is under way. It lies in the Vert.x context of a request or of a
 * message's delivery, which futures, timers and replies come back to; the log and the bus find it there. What outlives a
 * delivery keeps its own, and goes back to it with {@link #run} where somebody else's message or a timer has it work.
 */
public final class RequestContext {

  /** Of nobody's request. */
  public static final RequestContext NONE = new RequestContext("", Span.getInvalid());

  private final String requestId;
  private final Span span;

  private RequestContext(String requestId, Span span) {
    this.requestId = requestId;
    this.span = span;
  }

  /** @param span not a valid one where there is no trace */
  public static RequestContext of(String requestId, Span span) {
    return new RequestContext(requestId, span);
  }

  /** The one of what runs now, {@link #NONE} outside of a request. */
  public static RequestContext current() {
    ContextInternal context = ContextInternal.current();
    RequestContext current = context == null ? null : RequestContextStorage.get(context);
    return current == null ? NONE : current;
  }

  /** Empty where there is none. */
  public String requestId() {
    return requestId;
  }

  /** What is done within it becomes its child. */
  public Span span() {
    return span;
  }

  /** Not valid where there is no trace. */
  public SpanContext trace() {
    return span.getSpanContext();
  }

  /** The same request, within this span. */
  public RequestContext within(Span inner) {
    return new RequestContext(requestId, inner);
  }

  /** From now on what runs in the present context is of this request: for where a context begins that is its own. */
  public void enter() {
    ContextInternal context = ContextInternal.current();
    if (context != null && context.isDuplicate()) { // all share the others
      RequestContextStorage.put(context, this);
    }
  }

  /** A promise whose listeners run in the present context again, whoever keeps it: his may be another request's. */
  public static <T> Promise<T> promise() {
    ContextInternal context = ContextInternal.current();
    return context == null ? Promise.promise() : context.promise();
  }

  /** Runs this, and all that it brings about later, as of this request. */
  public void run(Runnable action) {
    call(() -> {
      action.run();
      return null;
    });
  }

  /** As {@link #run}, with a result. */
  public <T> T call(Supplier<T> action) {
    ContextInternal context = ContextInternal.current();
    if (context == null || current() == this) {
      return action.get();
    }
    ContextInternal own = context.duplicate();
    RequestContextStorage.put(own, this);
    ContextInternal before = own.beginDispatch();
    try {
      return action.get();
    } finally {
      own.endDispatch(before);
    }
  }
}
