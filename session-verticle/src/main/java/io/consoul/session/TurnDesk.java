package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Aborted;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.EndBatch;
import io.consoul.message.Progress;
import io.consoul.message.Renewed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;

/**
 * Takes turns, those of one session in the order of their arrival, and writes what the providers tell. Confined to the event
 * loop of its verticle instance.
 */
final class TurnDesk {

  private final Vertx vertx;
  private final Node node;
  private final SessionConfig config;
  private final SessionStore store;
  private final TurnStart start;
  private final AsideDesk aside;
  private final TurnQueues queues;
  private final RunningTurns running;
  private final Workload workload;

  TurnDesk(
      Vertx vertx,
      Node node,
      SessionConfig config,
      SessionStore store,
      TurnStart start,
      AsideDesk aside,
      TurnQueues queues,
      RunningTurns running,
      Workload workload) {
    this.vertx = vertx;
    this.node = node;
    this.config = config;
    this.store = store;
    this.start = start;
    this.aside = aside;
    this.queues = queues;
    this.running = running;
    this.workload = workload;
  }

  /**
   * @return {@code Accepted}, or {@code Queued} when there is nothing better to say within 2 s, or {@code Replayed} when it
   *     is stored already, or the failure
   */
  Future<BusMessage> begin(BeginTurn begin) {
    TurnKey key = TurnKey.of(begin);
    Optional<Handover.Taken> taken = running.taken(key);
    if (taken.isPresent()) {
      return beginAgain(begin, taken.get());
    }
    Optional<Handover.Taken> takenAside = aside.taken(key);
    if (takenAside.isPresent()) {
      return Future.succeededFuture(takenAside.get().accepted(begin.turn()));
    }
    Optional<WaitingTurn> waiting = queues.find(key);
    if (waiting.isPresent()) {
      return waiting.get().askedAgain(begin);
    }
    if (workload.isDraining()) {
      throw Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
          1, "this instance is being stopped and takes no new turns");
    }
    return begin.key() != null && queues.isFull(begin) ? repeat(begin) : enter(begin);
  }

  /** There is no room for a new turn, but one that was begun under this key before needs none. */
  private Future<BusMessage> repeat(BeginTurn begin) {
    return store.standing(begin).compose(standing -> {
      if (!(standing instanceof SessionStore.Known)) {
        queues.requireRoom(begin);
      }
      return lineUp(begin);
    });
  }

  private Future<BusMessage> enter(BeginTurn begin) {
    queues.requireRoom(begin);
    return lineUp(begin);
  }

  private Future<BusMessage> lineUp(BeginTurn begin) {
    WaitingTurn turn = new WaitingTurn(vertx, node, config, begin, queues::ahead);
    if (begin.aside()) {
      aside.enter(turn);
    } else {
      start.enter(turn);
    }
    return turn.reply();
  }

  /** Its provider may be lost since, and the turn be another's now, or settled by the store: then it runs no longer. */
  private Future<BusMessage> beginAgain(BeginTurn begin, Handover.Taken taken) {
    return store.standing(begin).compose(standing -> {
      if (standing instanceof SessionStore.Known.Pending) {
        return start.attach(begin, begin.turn()).otherwise(taken.accepted(begin.turn()));
      }
      start.ended(TurnKey.of(begin));
      return begin(begin);
    });
  }

  /** The session is free for those that wait, when it is. */
  void endBatch(EndBatch end) {
    queues.of(end.sessionKey()).forEach(turn -> turn.isLastOf(end.batch()));
    store.endBatch(end).onSuccess(ended -> start.wake(end.sessionKey()));
  }

  Future<Renewed> progress(Progress progress) {
    return store
        .progress(progress)
        .onSuccess(done -> running.heard(new TurnKey(progress.tenant(), progress.turn())))
        .map(done -> new Renewed(progress.turn()));
  }

  Future<Sealed> seal(SealTurn seal) {
    return store
        .seal(seal)
        .onSuccess(stored -> start.ended(new TurnKey(seal.tenant(), seal.turn())));
  }

  Future<Aborted> abort(AbortTurn abort) {
    return store
        .abort(abort)
        .onSuccess(turn -> start.ended(new TurnKey(abort.tenant(), turn)))
        .map(Aborted::new);
  }
}
