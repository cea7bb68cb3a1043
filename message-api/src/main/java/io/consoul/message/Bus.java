package io.consoul.message;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.trace.Headers;
import io.consoul.trace.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event bus as the verticles use it: typed messages, replies that are either the message asked for or a failure of
 * the catalogue, and the same as JsonObject for callers that speak it. A request takes the {@link RequestContext} along in
 * which it was made, and is answered within it.
 */
public final class Bus {

  /** Every request is acknowledged within 2 s (accepted, queued or failed); this leaves the way there and back. */
  public static final Duration ACKNOWLEDGEMENT = Duration.ofMillis(2_500);

  private static final Logger log = LoggerFactory.getLogger(Bus.class);

  /** Events are many and small: a span for each would cost more than the event. */
  private static final DeliveryOptions EVENT =
      new DeliveryOptions().setTracingPolicy(TracingPolicy.IGNORE);

  private final EventBus events;
  private final BusCodec codec;

  private Bus(EventBus events, BusCodec codec) {
    this.events = events;
    this.codec = codec;
  }

  /** Call once per Vertx, before the first verticle is deployed. */
  public static Bus install(Vertx vertx) {
    BusCodec codec = new BusCodec();
    vertx.eventBus().registerCodec(codec);
    vertx.eventBus().codecSelector(body -> body instanceof BusMessage ? codec.name() : null);
    return new Bus(vertx.eventBus(), codec);
  }

  /** Writes frames of this version at most, because a node in the cluster reads no newer one. */
  public void write(int frameVersion) {
    codec.write(frameVersion);
  }

  /**
   * Asks and waits for the reply.
   *
   * @param to the kind that is asked; its {@link Kind#absent} fault tells that nobody answered
   * @param within how long to wait
   * @return the reply, or a {@link FaultException}
   */
  public <R extends BusMessage> Future<R> ask(
      Kind to, String address, BusMessage request, Class<R> reply, Duration within) {
    return ask(to, address, request, within)
        .compose(answer -> reply.isInstance(answer)
            ? Future.succeededFuture(reply.cast(answer))
            : Future.failedFuture(Fault.INTERNAL_ERROR.because("a " + to.wireName()
                + " verticle answered with " + answer.wireType().wireName())));
  }

  /** As above for requests that have several possible replies. */
  public Future<BusMessage> ask(Kind to, String address, BusMessage request, Duration within) {
    DeliveryOptions options = new DeliveryOptions().setSendTimeout(within.toMillis());
    Headers.write(RequestContext.current(), options);
    return events
        .<Object>request(address, request, options)
        .recover(failure -> Future.failedFuture(unanswered(to, failure)))
        .compose(message -> message.body() instanceof BusMessage answer
            ? Future.succeededFuture(answer)
            : Future.failedFuture(Fault.INTERNAL_ERROR.because()))
        .compose(answer -> answer instanceof Failed failed
            ? Future.failedFuture(failed.toException())
            : Future.succeededFuture(answer));
  }

  /** Sends without waiting; a message to a dead inbox is lost silently. */
  public void tell(String inbox, BusMessage message) {
    events.send(inbox, message, EVENT);
  }

  /** As above, addressed to this listener of the inbox and in the form that it speaks. */
  public void tell(Listener listener, StreamMessage message) {
    StreamMessage addressed = message.to(listener.id());
    events.send(
        listener.inbox(), listener.plainJson() ? addressed.toTypedJson() : addressed, EVENT);
  }

  public void publish(String address, BusMessage message) {
    events.publish(address, message, EVENT);
  }

  /** Publishes in plain JSON, which every subscriber reads, whether it has the codec or not. */
  public void announce(String address, BusMessage message) {
    events.publish(address, message.toTypedJson(), EVENT);
  }

  /** Serves an inbox, where a plain JsonObject must tell its {@code type}. */
  public MessageConsumer<Object> serve(String inbox, Handlers handlers) {
    return serve(inbox, null, handlers);
  }

  /**
   * Serves an address.
   *
   * @param implied the type of a plain JsonObject that tells none, or null
   */
  public MessageConsumer<Object> serve(String address, WireType implied, Handlers handlers) {
    return events.consumer(address, message -> answer(message, implied, handlers));
  }

  private static void answer(Message<Object> message, WireType implied, Handlers handlers) {
    if (message.replyAddress() != null) { // events have no headers: there are too many of them
      Headers.read(message.headers()).enter();
    }
    Object body = body(message);
    boolean typed = body instanceof BusMessage;
    Future<? extends BusMessage> reply;
    try {
      reply = handlers.handle(typed ? (BusMessage) body : read(body, implied));
    } catch (RuntimeException failure) {
      reply = Future.failedFuture(failure);
    }
    if (reply == null) {
      return;
    }
    reply.<BusMessage>map(answer -> answer).otherwise(Bus::failed).onSuccess(answer -> {
      if (message.replyAddress() != null) {
        message.reply(typed ? answer : answer.toTypedJson());
      }
    });
  }

  /** Null where it is garbled: what comes from another node is decoded only now. */
  private static Object body(Message<Object> message) {
    try {
      return message.body();
    } catch (RuntimeException garbled) {
      return null;
    }
  }

  private static Failed failed(Throwable failure) {
    if (!(failure instanceof FaultException)) {
      log.error("a message handler failed", withoutMessage(failure));
    }
    return Failed.of(failure);
  }

  /** The message of an exception may quote what a user said; its kind and its place may not. */
  private static Throwable withoutMessage(Throwable failure) {
    Throwable quiet = new IllegalStateException(failure.getClass().getName());
    quiet.setStackTrace(failure.getStackTrace());
    return quiet;
  }

  private static BusMessage read(Object body, WireType implied) {
    if (!(body instanceof JsonObject json)) {
      throw Fault.INVALID_REQUEST_BODY.because(
          "this address takes a JsonObject, or a message of message-api through its codec");
    }
    JsonObject listener = json.getValue("listener") instanceof JsonObject given ? given : null;
    if (listener != null) {
      listener.put("plain_json", true);
    }
    String name = json.getString(WireType.TYPE_KEY, implied == null ? null : implied.wireName());
    if (name == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField(WireType.TYPE_KEY, "is required");
    }
    WireType type = WireType.named(name);
    if (type == WireType.UNKNOWN) {
      throw Fault.INVALID_REQUEST_BODY.because("there is no message of this type");
    }
    try {
      return type.read(json);
    } catch (FaultException known) {
      throw known;
    } catch (RuntimeException malformed) {
      throw Fault.INVALID_REQUEST_BODY.because(
          "not a " + name + " message: a key is missing or has a value of another type");
    }
  }

  private static Throwable unanswered(Kind to, Throwable failure) {
    if (!(failure instanceof ReplyException reply)) {
      return failure;
    }
    return switch (reply.failureType()) {
      case NO_HANDLERS -> to.absent().retryAfter(1, "no " + to.wireName() + " verticle is there");
      case TIMEOUT ->
        to.absent().retryAfter(1, "a " + to.wireName() + " verticle did not answer in time");
      case RECIPIENT_FAILURE, ERROR -> Fault.INTERNAL_ERROR.because();
    };
  }
}
