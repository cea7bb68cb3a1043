package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.gateway.key.Caller;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.CancelTurn;
import io.consoul.message.Cancelled;
import io.consoul.message.IdempotencyKey;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What one socket's client has asked for: turns that it has found again, and messages that run one after the other, behind
 * those. Each message is charged to the rate limit when it comes, in order. Confined to one event loop.
 */
final class SocketTurns {

  private final Vertx vertx;
  private final SessionId session;
  private final Supplier<Caller> caller;
  private final Toll toll;
  private final TurnPeers peers;
  private final TurnStreams streams;
  private final SocketWriter writer;
  private final int maxQueued;
  private final Consumer<FaultException> failed;
  private final Runnable idle;
  private final Queue<BeginTurn> waiting = new ArrayDeque<>();
  private final Queue<BeginTurn> uncharged = new ArrayDeque<>();
  private final List<TurnStream> resumed = new ArrayList<>();
  private TurnStream current;
  private boolean charging;
  private boolean cancelled;
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
      Consumer<FaultException> failed,
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
  void message(Fields fields) {
    BeginTurn turn = streams
        .turn(session, caller.get(), fields.message("content"), fields.model())
        .under(IdempotencyKey.ofNullable(fields.optionalText("idempotency_key")));
    if (draining) {
      throw shuttingDown();
    }
    if (isIdle() || uncharged.size() + waiting.size() < maxQueued) {
      uncharged.add(turn);
      charge();
    } else {
      throw Fault.SERVER_BUSY.retryAfter(
          1, "As many messages wait on this connection as it takes: " + maxQueued + ".");
    }
  }

  /** Goes on with a turn from where the client got to. */
  void resume(Fields fields) {
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
    TurnStream[] self = new TurnStream[1];
    self[0] = streams.open(attachment, new SocketAnswer(writer, same -> {}, () -> {
      resumed.remove(self[0]);
      next();
      lookWhetherIdle();
    }));
    resumed.add(self[0]);
    self[0].start();
  }

  /**
   * Stops the turn in progress: this connection's, or when it has none, the session's. To the client a message whose charge is
   * under way is in progress: it is stopped as soon as it has begun.
   */
  void cancel() {
    if (charging && current == null && resumed.isEmpty()) {
      cancelled = true;
      return;
    }
    peers
        .ask(new CancelTurn(session, caller.get().tenant(), inProgress()), Cancelled.class)
        .onFailure(failure -> failed.accept(ErrorBody.faultOf(failure)));
  }

  /** The socket takes text again. */
  void writable() {
    if (current != null) {
      current.writable();
    }
    List.copyOf(resumed).forEach(TurnStream::writable);
  }

  /** Begins no more; what is in progress goes on. */
  void drain() {
    draining = true;
    int dropped = uncharged.size() + waiting.size();
    uncharged.clear();
    waiting.clear();
    for (int i = 0; i < dropped; i++) {
      failed.accept(shuttingDown());
    }
  }

  /** The client is gone. Its turns run on. */
  void detach() {
    uncharged.clear();
    waiting.clear();
    if (current != null) {
      current.detach();
      current = null;
    }
    List.copyOf(resumed).forEach(TurnStream::detach);
    resumed.clear();
  }

  /** By name, so that a cancel that comes late does not hit the turn after it. Null where the client follows none. */
  private TurnId inProgress() {
    if (current != null) {
      return current.turn();
    }
    return resumed.size() == 1 ? resumed.get(0).turn() : null;
  }

  /** A turn that is followed again comes from the newer of the two only. */
  private void leave(TurnId turn) {
    resumed.stream().filter(each -> each.turn().equals(turn)).findFirst().ifPresent(again -> {
      again.detach();
      resumed.remove(again);
    });
  }

  /** One after the other, so that of two messages the earlier one gets what is left of the limit. */
  private void charge() {
    BeginTurn turn = uncharged.peek();
    if (turn == null || charging) {
      return;
    }
    charging = true;
    toll.charge(caller.get())
        .onComplete(
            charged -> charged(turn, null), refusal -> charged(turn, ErrorBody.faultOf(refusal)));
  }

  /** It may have been dropped meanwhile. */
  private void charged(BeginTurn turn, FaultException refusal) {
    charging = false;
    if (uncharged.remove(turn)) {
      if (refusal == null) {
        waiting.add(turn);
        beginNext();
      } else {
        failed.accept(refusal);
        lookWhetherIdle();
      }
    }
    if (cancelled) {
      cancelled = false;
      if (current != null) {
        cancel();
      }
    }
    charge();
  }

  private void begin(BeginTurn turn) {
    current = streams.open(turn, new SocketAnswer(writer, this::leave, this::ended));
    current.start();
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
