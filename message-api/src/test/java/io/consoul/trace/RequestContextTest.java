package io.consoul.trace;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
@DisplayName("The context of a request")
class RequestContextTest {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private static final RequestContext REQUEST = RequestContext.of(
      "r-1",
      Span.wrap(SpanContext.create(
          TRACE, "b7ad6b7169203331", TraceFlags.getSampled(), TraceState.getDefault())));

  private Vertx vertx;
  private Bus bus;

  @BeforeEach
  void install(Vertx made) {
    vertx = made;
    bus = Bus.install(made);
  }

  @Test
  @DisplayName("goes with a message of the bus to who answers it, and from there to whom he asks")
  void acrossTheBus() throws Exception {
    serve("far", () -> Future.succeededFuture(RequestContext.current()));
    Promise<RequestContext> near = Promise.promise();
    serve("near", () -> {
      near.complete(RequestContext.current());
      return ask("far").map(answer -> RequestContext.current());
    });

    RequestContext back =
        within(REQUEST, () -> ask("near").map(answer -> RequestContext.current()));

    assertThat(near.future().await(20, SECONDS).requestId()).isEqualTo("r-1");
    assertThat(near.future().await(20, SECONDS).trace().getTraceId()).isEqualTo(TRACE);
    assertThat(last.requestId()).isEqualTo("r-1");
    assertThat(back).isSameAs(REQUEST);
  }

  @Test
  @DisplayName("is nobody's where the message of another one, or of none, is answered afterwards")
  void notTheNextOnes() throws Exception {
    serve("here", () -> Future.succeededFuture(RequestContext.current()));
    within(REQUEST, () -> ask("here"));
    assertThat(last.requestId()).isEqualTo("r-1");

    within(RequestContext.NONE, () -> ask("here"));

    assertThat(last).isSameAs(RequestContext.NONE);
  }

  @Test
  @DisplayName(
      "is there again in timers, and for whoever runs something of it in the context of another one")
  void comesBack() throws Exception {
    RequestContext other = RequestContext.of("r-2", Span.getInvalid());

    RequestContext later = within(other, () -> {
      Promise<RequestContext> seen = Promise.promise();
      REQUEST.run(() -> vertx.setTimer(1, id -> seen.complete(RequestContext.current())));
      assertThat(RequestContext.current()).isSameAs(other);
      return seen.future();
    });

    assertThat(later).isSameAs(REQUEST);
  }

  @Test
  @DisplayName("is there for the listeners of its own promise, whoever keeps that")
  void promise() throws Exception {
    RequestContext other = RequestContext.of("r-2", Span.getInvalid());

    RequestContext seen = within(REQUEST, () -> {
      Promise<Void> promise = RequestContext.promise();
      other.run(() -> vertx.setTimer(1, id -> promise.complete()));
      return promise.future().map(kept -> RequestContext.current());
    });

    assertThat(seen).isSameAs(REQUEST);
  }

  @Test
  @DisplayName("takes no id from a message that could not be written into a log as it is")
  void garbage() throws Exception {
    serve("here", () -> Future.succeededFuture(RequestContext.current()));
    DeliveryOptions headers = new DeliveryOptions()
        .addHeader(Headers.REQUEST_ID, "a\nb")
        .addHeader("traceparent", "00-nonsense");

    vertx
        .eventBus()
        .request("here", new JsonObject().put("type", "gc.sweep").put("limit", 1), headers)
        .await(20, SECONDS);

    assertThat(last).isSameAs(RequestContext.NONE);
  }

  @Test
  @DisplayName("keeps what others have added to its trace, as long as that is not too much to keep")
  void state() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap()
        .add("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01")
        .add("tracestate", "a=1,b=2");
    assertThat(Headers.trace(headers).getSpanContext().getTraceState().get("b")).isEqualTo("2");

    headers.set(
        "tracestate",
        "a=1,b=" + "x".repeat(200) + ",c=" + "x".repeat(200) + ",d=" + "x".repeat(200));

    SpanContext trace = Headers.trace(headers).getSpanContext();
    assertThat(trace.getTraceId()).isEqualTo(TRACE);
    assertThat(trace.getTraceState().isEmpty()).isTrue();
  }

  private volatile RequestContext last;

  private void serve(String address, Supplier<Future<RequestContext>> answer) throws Exception {
    Handlers handlers = new Handlers().on(Sweep.class, sweep -> {
      last = RequestContext.current();
      return answer.get().map(seen -> new Swept(0, 0, false));
    });
    bus.serve(address, handlers).completion().await(20, SECONDS);
  }

  private Future<BusMessage> ask(String address) {
    return bus.ask(Kind.SESSION, address, new Sweep(1, false), SOON);
  }

  /** As in the delivery of a message. */
  private <T> T within(RequestContext request, Supplier<Future<T>> action) throws Exception {
    Promise<T> result = Promise.promise();
    ((VertxInternal) vertx)
        .createEventLoopContext()
        .runOnContext(now -> request.call(action).onComplete(result));
    return result.future().await(20, SECONDS);
  }
}
