package io.consoul.gateway.observe;

import io.consoul.fault.Fault;
import io.consoul.gateway.key.Caller;
import io.consoul.message.Completed;
import io.consoul.message.TurnId;
import io.consoul.trace.RequestContext;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/**
 * One request, or one message on a WebSocket, as metrics and the access log see it: it is told how the request gets on, and tells
 * them at the end. Confined to one event loop.
 */
public final class RequestObserver {

  /** The status of what was not answered to its end: its client left, or was cut off because it took nothing. */
  public static final int LEFT = 499;

  private static final int OK = 200;
  private static final int SWITCHING = 101;

  private final Observers observers;
  private final Endpoint endpoint;
  private final Verb verb;

  /** Null for a message. */
  private final HttpServerRequest request;

  private final String requestId;
  private final RequestSpan span;

  /** Of a request it is made when it is needed: most that is in it costs something. */
  private Origin origin;

  private final Consumer<RequestObserver> ended;
  private final long begun;
  private long read;
  private Caller caller;
  private TurnId turn;
  private String model;
  private Fault fault;
  private boolean headSent;
  private boolean streaming;
  private boolean resuming;
  private boolean over;

  RequestObserver(Observers observers, HttpServerRequest request, String requestId) {
    this.observers = observers;
    this.request = request;
    this.requestId = requestId;
    this.endpoint = Endpoint.of(request.path());
    this.verb = Verb.of(request.method());
    this.ended = same -> {};
    this.begun = observers.nanos();
    this.read = begun;
    this.span = RequestSpan.of(observers.tracing(), request, endpoint, verb, requestId);
    span.context().enter();
  }

  /**
   * Of a message on a WebSocket.
   *
   * @param upgrade the request that became the socket
   * @param ended called once
   */
  RequestObserver(
      Observers observers,
      Origin origin,
      RequestContext upgrade,
      Caller caller,
      Consumer<RequestObserver> ended) {
    this.observers = observers;
    this.request = null;
    this.requestId = origin.requestId();
    this.origin = origin;
    this.caller = caller;
    this.endpoint = Endpoint.SOCKET;
    this.verb = Verb.WS;
    this.ended = ended;
    this.begun = observers.nanos();
    this.read = begun;
    this.span = RequestSpan.ofMessage(observers.tracing(), upgrade, requestId);
  }

  public String requestId() {
    return requestId;
  }

  /** What is done for it belongs in there. */
  public RequestContext context() {
    return span.context();
  }

  /** It was let in. */
  public void calledBy(Caller known) {
    caller = known;
  }

  /** Its body is there as a whole. */
  public void bodyRead() {
    read = observers.nanos();
  }

  /** @param named model, or null for whichever it is by default */
  public void asks(String named) {
    model = named;
    observers.models().look();
  }

  /** It goes on with a turn that is there. */
  public void resumes() {
    resuming = true;
    observers.models().look();
  }

  /** Something of this turn's answer is here. */
  public void answers(TurnId answering) {
    if (!answering.equals(turn)) { // most often it is one more piece of the same
      turn = answering;
      span.answers(answering);
    }
    if (resuming) {
      resuming = false;
      observers.meters().turnResumed();
    }
  }

  /** Its answer is whole. */
  public void answered(Completed completed) {
    answers(completed.turn());
    answeredBy(completed.model());
  }

  /** @param name of the model that answered */
  public void answeredBy(String name) {
    model = name;
  }

  /** Its answer goes out as it comes. */
  public void streams() {
    streaming = true;
  }

  /** Its client is told so. */
  public void failed(Fault why) {
    fault = why;
  }

  /** The head of its answer, or a message's first word, is about to leave. */
  public void head() {
    if (!headSent && !over) { // what comes after its end reaches nobody
      headSent = true;
      observers.meters().headSent(endpoint, verb, since(read));
    }
  }

  /** A message has its whole answer. */
  public void done() {
    head();
    end(OK, null);
  }

  /** It was refused in a way that its client cannot see the status of. */
  public void refused(Fault why) {
    failed(why);
    head();
    end(why.status(), null);
  }

  /** It became a WebSocket. */
  public SocketObserver upgraded() {
    head();
    over = true;
    observers.meters().finished(endpoint, verb, SWITCHING, KnownModels.NONE);
    span.end(SWITCHING, null);
    return new SocketObserver(observers, origin(), context(), caller, begun);
  }

  /** The client has gone without its whole answer. */
  public void left() {
    end(LEFT, null);
  }

  /**
   * Nothing more comes of it. Only the first call of this and its like counts.
   *
   * @param bytes of the body that was sent, or null
   */
  public void end(int status, Long bytes) {
    if (over) {
      return;
    }
    over = true;
    if (fault != null) {
      observers.meters().failed(endpoint, fault);
    }
    if (streaming) {
      observers.meters().streamEnded(endpoint, since(read));
    }
    long took = since(begun);
    observers.models().label(model, label -> {
      observers.meters().finished(endpoint, verb, status, label);
      context().run(() -> log(status, took, bytes, label));
    });
    span.end(status, fault);
    ended.accept(this);
  }

  private void log(int status, long nanos, Long bytes, String label) {
    observers
        .log()
        .line(endpoint)
        .ifPresent(line -> line.of(
                origin(), verb == Verb.WS ? verb.label() : origin().method(), status, nanos)
            .by(caller)
            .with("bytes", bytes)
            .with("turn_id", turn == null ? null : turn.value())
            .with("model", model == null ? null : label)
            .with("error", fault == null ? null : fault.code())
            .write());
  }

  private Origin origin() {
    if (origin == null) {
      origin = observers.origin(request, requestId);
    }
    return origin;
  }

  /** The clock may have been set back. */
  private long since(long nanos) {
    return Math.max(0, observers.nanos() - nanos);
  }
}
