package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.key.Caller;
import io.consoul.gateway.observe.RequestObserver;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What one socket's client has asked for: turns that it has found again, and messages that run one after the other, behind
 * those. Each message is charged to the rate limit when it comes, in order. Confined to one event loop.
 */
final class SocketTurns {

  /** A message that waits for its turn. */
  private record Message(BeginTurn turn, RequestObserver observer) {}

  private final Vertx vertx;
  private final SessionId session;
  private final Supplier<Caller> caller;
  private final Toll toll;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final SocketWriter writer;
  private final int maxQueued;
  private final BiConsumer<RequestObserver, FaultException> failed;
  private final Runnable idle;
  private final Queue<Message> waiting = new ArrayDeque<>();
  private final Queue<Message> uncharged = new ArrayDeque<>();
  private final Map<TurnStream, RequestObserver> resumed = new LinkedHashMap<>();
  private TurnStream current;
  private boolean charging;

  /** Of a cancel that waits for its message, or null. */
  private RequestObserver cancelled;

  private boolean draining;

  /**
   * @param caller as it is known now
   * @param failed told what the client is told of a message that came to nothing
   * @param idle called each time when a turn has ended and none is left
   */
  SocketTurns(
      Vertx vertx,
      SessionId session,
      Supplier<Caller> caller,
      Toll toll,
      TurnPeers peers,
      TurnStreams streams,
      SocketWriter writer,
      int maxQueued,
      BiConsumer<RequestObserver, FaultException> failed,
      Runnable idle) {
    this.vertx = vertx;
    this.session = session;
    this.caller = caller;
    this.toll = toll;
    this.peers = peers;
    this.streams = streams;
    this.writer = writer;
    this.maxQueued = maxQueued;
    this.failed = failed;
    this.idle = idle;
  }

  /** Whether nothing is in progress. */
  boolean isIdle() {
    return current == null && uncharged.isEmpty() && waiting.isEmpty() && resumed.isEmpty();
  }

  /** A user's message: runs now, or after those before it. */
  void message(Fields fields, RequestObserver observer) {
    BeginTurn turn = streams
        .turn(session, caller.get(), fields.message("content"), fields.model())
        .under(IdempotencyKey.ofNullable(fields.optionalText("idempotency_key")));
    if (draining) {
      throw shuttingDown();
    }
    if (isIdle() || uncharged.size() + waiting.size() < maxQueued) {
      observer.asks(turn.model());
      uncharged.add(new Message(turn, observer));
      charge();
    } else {
      throw Fault.SERVER_BUSY.retryAfter(
          1, "As many messages wait on this connection as it takes: " + maxQueued + ".");
    }
  }

  /** Goes on with a turn from where the client got to. */
  void resume(Fields fields, RequestObserver observer) {
    TurnId turn = TurnId.parse(fields.text("turn_id"));
    Integer after = fields.optionalInteger("after", 0, Integer.MAX_VALUE);
    Integer cuts = fields.optionalInteger("cuts", 0, Integer.MAX_VALUE);
    if (draining) {
      throw shuttingDown();
    }
    if (!turn.session().equals(session)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "turn_id", "belongs to another session than this connection");
    }
    if (current != null && current.turn().equals(turn)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "turn_id", "is being answered on this connection already");
    }
    leave(turn);
    if (resumed.size() >= Math.max(1, maxQueued)) {
      throw Fault.SERVER_BUSY.retryAfter(
          1, "As many turns go on on this connection as it takes: " + resumed.size() + ".");
    }
    AttachTurn attachment = streams.attachment(
        turn, caller.get().tenant(), after == null ? 0 : after, cuts == null ? 0 : cuts);
    observer.resumes();
    TurnStream[] self = new TurnStream[1];
    self[0] = streams.open(attachment, new SocketAnswer(writer, observer, same -> {}, () -> {
      resumed.remove(self[0]);
      next();
      lookWhetherIdle();
    }));
    resumed.put(self[0], observer);
    self[0].start();
  }

  /**
   * Stops the turn in progress: this connection's, or when it has none, the session's. To the client a message whose charge is
   * under way is in progress: it is stopped as soon as it has begun.
   */
  void cancel(RequestObserver observer) {
    if (charging && current == null && resumed.isEmpty()) {
      if (cancelled != null) {
        cancelled.done(); // one is enough
      }
      cancelled = observer;
      return;
    }
    peers
        .ask(new CancelTurn(session, caller.get().tenant(), inProgress()), Cancelled.class)
        .onSuccess(done -> observer.done())
        .onFailure(failure -> failed.accept(observer, ErrorBody.faultOf(failure)));
  }

  /** The socket takes text again. */
  void writable() {
    if (current != null) {
      current.writable();
    }
    List.copyOf(resumed.keySet()).forEach(TurnStream::writable);
  }

  /** Begins no more; what is in progress goes on. */
  void drain() {
    draining = true;
    List<Message> dropped = Stream.concat(waiting.stream(), uncharged.stream()).toList();
    uncharged.clear();
    waiting.clear();
    dropped.forEach(message -> failed.accept(message.observer(), shuttingDown()));
  }

  /** The client is gone. Its turns run on. */
  void detach() {
    uncharged.clear();
    waiting.clear();
    if (current != null) {
      current.detach();
      current = null;
    }
    List.copyOf(resumed.keySet()).forEach(TurnStream::detach);
    resumed.clear();
  }

  /** By name, so that a cancel that comes late does not hit the turn after it. Null where the client follows none. */
  private TurnId inProgress() {
    if (current != null) {
      return current.turn();
    }
    return resumed.size() == 1 ? resumed.keySet().iterator().next().turn() : null;
  }

  /** A turn that is followed again comes from the newer of the two only. */
  private void leave(TurnId turn) {
    List.copyOf(resumed.keySet()).stream()
        .filter(each -> each.turn().equals(turn))
        .forEach(again -> {
          again.detach();
          resumed.remove(again).left();
        });
  }

  /** One after the other, so that of two messages the earlier one gets what is left of the limit. */
  private void charge() {
    Message message = uncharged.peek();
    if (message == null || charging) {
      return;
    }
    charging = true;
    message
        .observer()
        .context()
        .call(() -> toll.charge(caller.get()))
        .onComplete(
            charged -> charged(message, null),
            refusal -> charged(message, ErrorBody.faultOf(refusal)));
  }

  /** It may have been dropped meanwhile. */
  private void charged(Message message, FaultException refusal) {
    charging = false;
    if (uncharged.remove(message)) {
      if (refusal == null) {
        waiting.add(message);
        beginNext();
      } else {
        failed.accept(message.observer(), refusal);
        lookWhetherIdle();
      }
    }
    if (cancelled != null) {
      RequestObserver observer = cancelled;
      cancelled = null;
      if (current != null) {
        cancel(observer);
      } else {
        observer.done();
      }
    }
    charge();
  }

  private void begin(Message message) {
    message.observer().context().run(() -> {
      current = streams.open(
          message.turn(), new SocketAnswer(writer, message.observer(), this::leave, this::ended));
      current.start();
    });
  }

  /** The next message begins on a fresh stack: turns that fail at once would otherwise nest. */
  private void ended() {
    current = null;
    next();
    lookWhetherIdle();
  }

  private void next() {
    vertx.runOnContext(none -> beginNext());
  }

  private void beginNext() {
    boolean free = current == null && resumed.isEmpty() && !writer.isClosing();
    if (free && !waiting.isEmpty()) {
      begin(waiting.poll());
    }
  }

  private void lookWhetherIdle() {
    if (isIdle()) {
      idle.run();
    }
  }

  private static FaultException shuttingDown() {
    return Fault.SERVER_BUSY.retryAfter(1, "This server is shutting down; send it again.");
  }
}
