package io.consoul.gateway;

import io.consoul.fault.FaultException;
import io.consoul.gateway.key.Caller;
import io.consoul.gateway.observe.RequestObserver;
import io.consoul.message.Tenant;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * One HTTP request and its answer, which is given once; what comes after the client has gone is dropped. It ends when
 * the whole answer has left or the connection is closed.
 */
final class Exchange {

  /** Large answers leave in pieces, so that a slow client is told from one that has stopped. */
  private static final int PIECE_BYTES = 16 * 1024;

  /** HTTP/2's way to say that the rest of a request is not needed for its answer. */
  private static final long NO_ERROR = 0;

  private static final CharSequence CHALLENGE =
      HttpHeaders.createOptimized("Bearer realm=\"Consoul\"");

  private final InstantSource clock;
  private final Connections connections;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final RequestObserver observer;
  private final UnwantedBody body;
  private final StallGuard guard;
  private final Consumer<Exchange> ended;
  private final ErrorShape errors;
  private Standing standing;
  private Runnable gone = () -> {};
  private Runnable end = () -> {};
  private Consumer<FaultException> refused = this::failAndLeave;
  private boolean closing;
  private boolean over;

  /** Of the end of the answer; null until it was given. */
  private Future<Void> sent;

  /**
   * @param observer of this request
   * @param sendTimeout how long the client may take nothing of the answer
   * @param slow called when it is cut off for that
   * @param ended called once
   */
  Exchange(
      Vertx vertx,
      InstantSource clock,
      Connections connections,
      HttpServerRequest request,
      RequestObserver observer,
      Duration sendTimeout,
      Runnable slow,
      Consumer<Exchange> ended) {
    this.clock = clock;
    this.connections = connections;
    this.request = request;
    this.response = request.response();
    this.observer = observer;
    this.body = new UnwantedBody(vertx, request);
    this.ended = ended;
    this.errors = ErrorShape.of(String.valueOf(request.path()));
    this.guard = new StallGuard(vertx, clock, sendTimeout, () -> {
      if (connections.stalled(request)) {
        slow.run();
      }
    });
    response.putHeader("X-Request-ID", observer.requestId());
    response.closeHandler(closed -> {
      boolean answered = response.ended();
      over();
      if (!answered) {
        observer.context().run(gone);
      }
    });
    response.exceptionHandler(failure -> {});
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return response;
  }

  RequestObserver observer() {
    return observer;
  }

  /** Of a request that was let in. */
  Caller caller() {
    return standing.caller();
  }

  /** Whether that caller would still be let in. */
  Standing standing() {
    return standing;
  }

  /** To be called now and then: ends it where its caller would not be let in any more. */
  void checkStanding() {
    if (!isOver()) {
      standing.refusal().ifPresent(refused);
    }
  }

  /** Its caller does not get the rest of the answer here, for this reason. */
  void refuse(FaultException reason) {
    if (!isOver()) {
      refused.accept(reason);
    }
  }

  void calledBy(Standing known) {
    standing = known;
    observer.calledBy(known.caller());
  }

  /** Who the caller's sessions belong to. */
  Tenant tenant() {
    return caller().tenant();
  }

  /** What the action throws is the answer. */
  void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException failure) {
      fail(failure);
    }
  }

  InstantSource clock() {
    return clock;
  }

  /** The client goes away before its answer is complete. */
  void onGone(Runnable handler) {
    gone = handler;
  }

  /** Its caller may not have the rest of the answer; without a handler it gets the refusal instead, and counts as gone. */
  void onRefused(Consumer<FaultException> handler) {
    refused = handler;
  }

  /** The answer has left, or the client has; called before the handler of {@link #onGone}. */
  void onEnd(Runnable handler) {
    end = handler;
  }

  /** The write queue has room again. */
  void onWritable(Runnable handler) {
    response.drainHandler(drained -> handler.run());
  }

  /** Whether nothing can be said any more. */
  boolean isOver() {
    return over || response.ended() || response.closed();
  }

  boolean isFull() {
    return !isOver() && response.writeQueueFull();
  }

  /** The connection will not be used again after this answer. */
  void closeAfterwards() {
    closing = true;
  }

  /** It became something else, such as a WebSocket, which would keep all of this in memory for as long as it lasts. */
  void abandon() {
    over();
    response.closeHandler(null);
    response.exceptionHandler(null);
  }

  /** An answer without a body. */
  void empty(int status) {
    if (!isOver()) {
      response.setStatusCode(status);
      end(Buffer.buffer());
    }
  }

  void json(int status, JsonObject body) {
    Buffer bytes = body.toBuffer();
    // it grew by doubling, and what is large may wait for long
    json(status, bytes.length() > PIECE_BYTES ? bytes.copy() : bytes, "no-store");
  }

  /** @param caching what caches may do with it */
  void json(int status, Buffer bytes, String caching) {
    if (isOver() || response.headWritten()) {
      return;
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, caching)
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes.length()));
    if (isHead()) {
      end(Buffer.buffer()); // over HTTP/2 Vert.x would send a body
      return;
    }
    int written = 0;
    while (bytes.length() - written > PIECE_BYTES) {
      write(bytes.slice(written, written + PIECE_BYTES));
      written += PIECE_BYTES;
    }
    end(bytes.slice(written, bytes.length()));
  }

  /** Answers with the status and the body of the fault; a failure that is not of the catalogue is an internal error. */
  void fail(Throwable failure) {
    FaultException fault = ErrorBody.faultOf(failure);
    fail(errors.status(fault), fault);
  }

  /** As above, where HTTP has a status of its own for what the catalogue has no code for. */
  void fail(int status, FaultException fault) {
    if (isOver() || response.headWritten()) {
      return;
    }
    if (fault.retryAfter() != null && (status == 429 || status == 503)) {
      response.putHeader(HttpHeaders.RETRY_AFTER, fault.retryAfter().toString());
    }
    if (status == 401) {
      response.putHeader("WWW-Authenticate", CHALLENGE);
    }
    observer.failed(fault.fault());
    errors.hint(response, fault);
    json(status, errors.body(fault, clock));
  }

  void write(Buffer chunk) {
    observer.head();
    closeWhenDraining();
    guard.watch(response.write(chunk));
  }

  /** The end of the answer. */
  void end(Buffer chunk) {
    observer.head();
    if (request.version() == HttpVersion.HTTP_2) {
      endStream(chunk);
    } else {
      endOnConnection(chunk);
    }
  }

  private void endStream(Buffer chunk) {
    sent = guard.watch(response.end(chunk));
    sent.onComplete(done -> {
      over();
      body.linger(() -> RawConnection.reset(request.connection(), response.streamId(), NO_ERROR));
    });
  }

  private void endOnConnection(Buffer chunk) {
    closeWhenDraining();
    boolean unread = body.isUnread();
    boolean close = closing || (unread && !body.isSmall());
    if (close && !response.headWritten()) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    if (close) {
      connections.closing(request.connection());
    }
    sent = guard.watch(response.end(chunk));
    if (unread) {
      RawConnection.flush(request.connection());
      body.linger(() -> RawConnection.close(request.connection()));
    }
    sent.onComplete(done -> {
      over();
      if (close || isEndedByClose()) {
        body.received().onComplete(read -> request.connection().close());
      }
    });
  }

  /** The next request had better go to another server; where the head has left already its client cannot be told. */
  private void closeWhenDraining() {
    if (connections.isDraining()
        && request.version() != HttpVersion.HTTP_2
        && !response.headWritten()) {
      closing = true;
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /** An answer without a length, to a client that does not know chunks. */
  private boolean isEndedByClose() {
    return request.version() == HttpVersion.HTTP_1_0
        && !response.headers().contains(HttpHeaders.CONTENT_LENGTH);
  }

  private void failAndLeave(FaultException refusal) {
    fail(refusal);
    gone.run();
  }

  /** What was given may still have waited for a client that left, or took nothing. Vert.x itself ends only what it refuses. */
  private boolean isWhole() {
    return response.ended() && (sent == null || !sent.failed());
  }

  private boolean isHead() {
    return "HEAD".equals(request.method().name());
  }

  private void over() {
    if (!over) {
      over = true;
      guard.stop();
      observer.end(
          isWhole() ? response.getStatusCode() : RequestObserver.LEFT, response.bytesWritten());
      observer.context().run(() -> {
        end.run();
        ended.accept(this);
      });
    }
  }
}
