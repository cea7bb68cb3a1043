package io.consoul.provider.call;

import io.consoul.provider.Completion;
import io.consoul.provider.Upstream;
import io.consoul.trace.RequestContext;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The way of one request to its provider: a slot, a connection, the request itself. What it has taken of these it gives back
 * once, whatever happens. One that is neither completed nor abandoned would keep its connection for ever.
 */
final class Exchange {

  /** Who is told how it goes, until it is over. */
  interface Caller {

    /** Nobody came to its end in time, so the turn never came. */
    void neverItsTurn();

    /** @param full whether all connections were there, but busy */
    void notConnected(boolean full);

    void notAnswered();

    void answered(HttpClientResponse response);

    /** There is no connection, or no longer one; the exchange is over. */
    void lost(Throwable failure);

    /** We could not ask; a defect of ours. */
    void notAsked(RuntimeException defect);
  }

  private static final long CANCEL = 8;

  private static final int MAX_CLOSED_EARLY = 3;

  private static final Buffer PING = Buffer.buffer("consoul!");

  /** Others give their slots and connections back when it is this one's turn. */
  private final RequestContext asking = RequestContext.current();

  private final Line line;
  private final Completion completion;
  private final Patience patience;
  private final Caller caller;
  private final Runnable onOver;
  private final Upstream.Times times;
  private Slots.Slot slot;
  private HttpClientRequest request;
  private HttpConnection connection;
  private int closedEarly;
  private boolean connecting;
  private boolean sent;
  private boolean abandoned;
  private boolean over;

  /** @param onOver called once, when everything was given back */
  Exchange(Line line, Completion completion, Patience patience, Caller caller, Runnable onOver) {
    this.line = line;
    this.completion = completion;
    this.patience = patience;
    this.caller = caller;
    this.onOver = onOver;
    this.times = line.upstream().times();
  }

  /** Returns false when too many wait already. */
  boolean begin() {
    slot = line.trunk()
        .slots()
        .take(line.context(), () -> asking.run(this::connect))
        .orElse(null);
    if (slot == null) {
      return false;
    }
    if (slot.isAtOnce()) {
      connect();
    } else {
      patience.step(times.firstByte(), caller::neverItsTurn);
    }
    return true;
  }

  /** The response has ended, so the connection can be used again. */
  void complete() {
    finish();
  }

  /** Ends it wherever it is. Harmless after its end. */
  void abandon() {
    if (over || abandoned) {
      return;
    }
    abandoned = true;
    reset();
    if (!connecting) {
      finish();
    }
    // A connection that is being made cannot be called off. It keeps the slot until it is there, or
    // its time is over.
  }

  boolean isOver() {
    return over;
  }

  /** Whether the request has gone out without having to wait for others to end. */
  boolean isSentAtOnce() {
    return sent && slot.isAtOnce();
  }

  /** After a silence: a connection that carries several calls may have died unnoticed and would swallow the next ones. */
  void doubtConnection() {
    if (request != null && request.version() == HttpVersion.HTTP_2 && !over) {
      HttpConnection doubted = connection;
      doubted
          .ping(PING)
          .timeout(line.grace().pong().toMillis(), TimeUnit.MILLISECONDS)
          .onFailure(dead -> doubted.close());
    }
  }

  private void connect() {
    if (over) {
      return;
    }
    connecting = true;
    patience.step(times.connect(), this::connectingTakesTooLong);
    askForConnection();
  }

  private void askForConnection() {
    if (over) {
      return;
    }
    if (abandoned) {
      finish();
      return;
    }
    try {
      line.request(completion).onSuccess(this::connected).onFailure(this::notConnected);
    } catch (RuntimeException defect) {
      broken(defect);
    }
  }

  /** One that was kept may be closed, by its server or by us, before it can be used. That is nobody's failure. */
  private void notConnected(Throwable failure) {
    if (failure instanceof HttpClosedException && closedEarly < MAX_CLOSED_EARLY) {
      closedEarly++;
      askForConnection();
    } else {
      lost(failure);
    }
  }

  private void connectingTakesTooLong() {
    connecting = false;
    if (abandoned) {
      finish();
    } else {
      caller.notConnected(line.trunk().isFull());
    }
  }

  private void connected(HttpClientRequest made) {
    // Vert.x tells the same failure here and through the future, and logs it where nobody listens.
    made.exceptionHandler(failure -> {});
    if (abandoned || over) {
      discard(made);
      finish();
      return;
    }
    if (!line.trunk().connections().take(made.connection())) {
      discard(made);
      // Not at once: it is offered again and again until its own thread has closed it.
      line.context().runOnContext(later -> asking.run(this::askForConnection));
      return;
    }
    connecting = false;
    request = made;
    connection = made.connection();
    send();
  }

  private void send() {
    Instant begun = line.clock().instant();
    patience.step(times.firstByte(), caller::notAnswered);
    try {
      Buffer body = line.format().body(completion);
      sent = true;
      request
          .send(body)
          .onSuccess(response -> {
            line.meters()
                .head(completion.model(), Duration.between(begun, line.clock().instant()));
            answered(response);
          })
          .onFailure(this::lost);
    } catch (RuntimeException defect) {
      broken(defect);
    }
  }

  private void answered(HttpClientResponse response) {
    if (!over) {
      response.exceptionHandler(this::lost);
      caller.answered(response);
    }
  }

  private void lost(Throwable failure) {
    if (over) {
      return;
    }
    reset();
    finish();
    if (!abandoned) {
      caller.lost(failure);
    }
  }

  private void broken(RuntimeException defect) {
    connecting = false;
    if (!abandoned) {
      caller.notAsked(defect);
    }
    abandon();
  }

  private void reset() {
    if (sent) {
      request.reset(CANCEL);
    } else if (request != null) {
      discard(request);
    }
  }

  /** Over HTTP/2 Vert.x takes back the place of a stream when that ends, so one that never began would keep it. */
  private static void discard(HttpClientRequest unsent) {
    if (unsent.version() == HttpVersion.HTTP_2) {
      unsent.sendHead();
    }
    unsent.reset(CANCEL);
  }

  private void finish() {
    if (over) {
      return;
    }
    over = true;
    patience.end();
    if (connection != null) {
      line.trunk().connections().give(connection);
    }
    if (slot != null) {
      slot.give();
    }
    onOver.run();
  }
}
