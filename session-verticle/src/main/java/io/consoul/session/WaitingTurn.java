package io.consoul.session;

import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.Batch;
import io.consoul.message.BeginTurn;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Failed;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.TurnFailed;
import io.consoul.node.Node;
import io.consoul.trace.RequestContext;
import io.consoul.trace.Tracing;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.ToIntFunction;

/**
 * A turn that has not begun, and its gateway, which must hear something within 2 s: the first word is the reply to its
 * request, all later ones go to the listener's inbox. Confined to one event loop.
 */
final class WaitingTurn {

  private enum State {
    WAITING,
    /** The store has been asked and has not answered yet. */
    ASKING,
    /** It has the lease; a provider is being found. */
    GRANTED,
    /** Another instance is asked to take it. */
    LEAVING,
    OVER
  }

  /** Where many instances wait for a session in Redis, one that asks less often loses its place. */
  private static final long MAX_PAUSE = 500;

  private static final long NONE = -1;

  private final Vertx vertx;
  private final Bus bus;
  private final RequestContext request;
  private final ToIntFunction<WaitingTurn> ahead;
  private final Future<Integer> tokens;
  private BeginTurn begin;
  private Promise<BusMessage> reply = RequestContext.promise();
  private State state = State.WAITING;
  private final long queuedTimer;
  private long lockTimer = NONE;
  private long retryTimer = NONE;
  private int retries;
  private boolean woken;

  /** @param ahead tells how many turns are before one */
  WaitingTurn(
      Vertx vertx,
      Node node,
      SessionConfig config,
      BeginTurn begin,
      ToIntFunction<WaitingTurn> ahead) {
    this.vertx = vertx;
    this.bus = node.bus();
    this.request = RequestContext.current()
        .within(node.tracing()
            .span("begin turn", SpanKind.INTERNAL)
            .setAttribute(Tracing.TURN, begin.turn().value())
            .startSpan());
    this.begin = begin;
    this.ahead = ahead;
    tokens = MessageTokens.of(vertx, begin.text());
    queuedTimer = vertx.setPeriodic(config.queuedInterval().toMillis(), id -> stillQueued());
  }

  /** The one that has brought it: what is done for the turn belongs in there. */
  RequestContext request() {
    return request;
  }

  BeginTurn begin() {
    return begin;
  }

  Future<BusMessage> reply() {
    return reply.future();
  }

  /** Of its message. */
  Future<Integer> tokens() {
    return tokens;
  }

  boolean isOver() {
    return state == State.OVER;
  }

  /** Whether its lease is being asked for, or its tokens are being counted for that. */
  boolean isBeginning() {
    return state == State.ASKING;
  }

  /** Whether it is the turn in progress of its session, and waits for a provider only. */
  boolean hasLease() {
    return state == State.GRANTED;
  }

  /** The gateway has asked again, so it has not heard the first reply: this one takes its place. */
  Future<BusMessage> askedAgain(BeginTurn again) {
    begin = again;
    reply.tryComplete(queued());
    reply = RequestContext.promise();
    return reply.future();
  }

  /** Nothing comes after it, if it belongs to this batch. */
  void isLastOf(String batch) {
    if (begin.batch() != null && begin.batch().id().equals(batch)) {
      begin = begin.in(new Batch(batch, true));
    }
  }

  /** Once, when it starts to wait. */
  void giveUpAfter(long millis, Runnable giveUp) {
    if (lockTimer == NONE) {
      lockTimer = vertx.setTimer(Math.max(1, millis), id -> giveUp.run());
    }
  }

  /** Whether it may have to do with the turns around it in another way than to wait for them. */
  boolean isKeyedOrInBatch() {
    return begin.key() != null || begin.batch() != null;
  }

  /**
   * @return whether the store should be asked now; then {@link #granted}, {@link #busy}, {@link #inOrder} or the end must
   *     follow
   */
  boolean ask() {
    if (state == State.ASKING) {
      woken = true; // the store may have looked before whatever woke us
    }
    if (state != State.WAITING) {
      return false;
    }
    vertx.cancelTimer(retryTimer);
    state = State.ASKING;
    return true;
  }

  /** The lock time-out no longer counts: from now on only the provider can fail it. */
  void granted() {
    state = State.GRANTED;
    request.span().addEvent("lease taken");
    vertx.cancelTimer(lockTimer);
    lockTimer = NONE;
  }

  /**
   * Asks the store again after a pause that grows from 50 to 500 ms, or at once when it was woken meanwhile.
   *
   * @param freeIn after which it is worth asking in any case, or null
   */
  void busy(Duration freeIn, Runnable retry) {
    if (isOver()) {
      return;
    }
    if (retries == 0) {
      request.span().addEvent("session busy");
    }
    long pause = Math.min(MAX_PAUSE, 50L << Math.min(retries++, 5));
    if (woken) {
      pause = 1;
    } else if (freeIn != null) {
      pause = Math.min(pause, freeIn.toMillis() + 1);
    }
    waits();
    retryTimer = vertx.setTimer(pause, id -> retry.run());
  }

  /** Waits until it is woken, which may have been the case meanwhile. */
  void inOrder(Runnable retry) {
    if (isOver()) {
      return;
    }
    boolean again = woken;
    waits();
    if (again) {
      retryTimer = vertx.setTimer(1, id -> retry.run());
    }
  }

  void accepted(Accepted accepted) {
    if (!end() || reply.tryComplete(accepted)) {
      return;
    }
    bus.tell(begin.listener(), accepted);
  }

  /**
   * Its answer is stored already. One who does not wait for a reply any more gets the same as a stream: where the answer is
   * longer than the piece, its end tells that there is more to ask for.
   *
   * @param inbox to stand for the provider's, which may be gone
   */
  void replayed(Replayed replayed, String inbox) {
    if (!end() || reply.tryComplete(replayed)) {
      return;
    }
    long fence = replayed.end().fence();
    bus.tell(begin.listener(), new Accepted(replayed.turn(), fence, inbox));
    bus.tell(begin.listener(), replayed.delta());
    bus.tell(begin.listener(), replayed.end());
  }

  /** @return whether another instance may be asked to take it; then {@link #stays} or the end must follow */
  boolean leaves() {
    if (state != State.WAITING) {
      return false;
    }
    vertx.cancelTimer(retryTimer);
    state = State.LEAVING;
    return true;
  }

  /** Nobody else has taken it. */
  void stays() {
    if (state == State.LEAVING) {
      waits();
    }
  }

  /** Another instance has it from now on, and tells the listener all that comes. */
  void waitsElsewhere(Queued queued) {
    if (end()) {
      reply.tryComplete(queued);
    }
  }

  void failed(Throwable failure) {
    if (!isOver() && failure instanceof FaultException known) {
      Tracing.failed(request.span(), known.fault());
    }
    if (!end() || reply.tryFail(failure)) {
      return;
    }
    bus.tell(begin.listener(), new TurnFailed(begin.turn(), 0, 0, Failed.of(failure)));
  }

  private void waits() {
    state = State.WAITING;
    woken = false;
  }

  private void stillQueued() {
    Queued queued = queued();
    if (!reply.tryComplete(queued)) {
      bus.tell(begin.listener(), queued);
    }
  }

  private Queued queued() {
    return new Queued(begin.turn(), ahead.applyAsInt(this));
  }

  private boolean end() {
    if (isOver()) {
      return false;
    }
    state = State.OVER;
    request.span().end();
    vertx.cancelTimer(queuedTimer);
    vertx.cancelTimer(lockTimer);
    vertx.cancelTimer(retryTimer);
    return true;
  }
}
