package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Queued;
import io.consoul.message.Replayed;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * Lets those that wait begin: asks the store for them, hands over who has the lease, and wakes the next one. Confined to one
 * event loop.
 */
final class TurnStart {

  private final Vertx vertx;
  private final Node node;
  private final SessionConfig config;
  private final SessionStore store;
  private final Handover handover;
  private final Elsewhere elsewhere;
  private final AttachDesk attach;
  private final TurnQueues queues;
  private final RunningTurns running;
  private final Repeats repeats;
  private final Workload workload;

  TurnStart(
      Vertx vertx,
      Node node,
      SessionConfig config,
      SessionStore store,
      Handover handover,
      Elsewhere elsewhere,
      AttachDesk attach,
      TurnQueues queues,
      RunningTurns running,
      Repeats repeats,
      Workload workload) {
    this.vertx = vertx;
    this.node = node;
    this.config = config;
    this.store = store;
    this.handover = handover;
    this.elsewhere = elsewhere;
    this.attach = attach;
    this.queues = queues;
    this.running = running;
    this.repeats = repeats;
    this.workload = workload;
  }

  /** A turn has come. */
  void enter(WaitingTurn turn) {
    queues.add(turn);
    workload.changed();
    if (!queues.isFirst(turn)) {
      limit(turn);
    }
    consult(turn);
  }

  /** The turn waits no longer; when it was the first of its session, the next one asks the store. */
  void leave(WaitingTurn turn, Runnable answer) {
    boolean first = queues.isFirst(turn);
    if (!queues.remove(turn)) {
      return;
    }
    answer.run();
    if (first) {
      wake(turn.begin().sessionKey());
    }
    workload.changed();
  }

  /** The turn runs no longer, however that came. */
  void ended(TurnKey turn) {
    running.ended(turn);
    wake(turn.session());
    workload.changed();
  }

  private void consult(WaitingTurn turn) {
    turn.request().run(() -> askStore(turn));
  }

  private void askStore(WaitingTurn turn) {
    boolean first = queues.isFirst(turn);
    if ((first || turn.isKeyedOrInBatch()) && turn.ask()) {
      (first ? begin(turn) : standing(turn))
          .onFailure(failure -> elsewhere
              .ask(failure, turn.begin().sessionKey(), turn.begin())
              .onSuccess(reply -> begunElsewhere(turn, reply))
              .onFailure(none -> leave(turn, () -> turn.failed(none))));
    }
  }

  /** By an instance that reaches its store. */
  void begunElsewhere(WaitingTurn turn, BusMessage reply) {
    if (reply instanceof Queued queued) {
      leave(turn, () -> turn.waitsElsewhere(queued));
    } else {
      attached(turn, reply);
    }
  }

  private Future<?> begin(WaitingTurn turn) {
    String inbox = node.directory().pick(Kind.PROVIDER).map(Hello::inbox).orElse("");
    return turn.tokens()
        .compose(tokens -> turn.isOver() // cancelled while they were counted
            ? Future.failedFuture(Fault.LLM_CANCELLED.because())
            : store.begin(turn.begin(), tokens, inbox))
        .onSuccess(begun -> begun(turn, begun, inbox));
  }

  private void begun(WaitingTurn turn, SessionStore.Begun begun, String inbox) {
    if (begun instanceof SessionStore.Begun.Granted granted) {
      granted(turn, granted, inbox);
    } else if (begun instanceof SessionStore.Begun.Busy busy) {
      limit(turn);
      turn.busy(busy.freeIn(), () -> consult(turn));
    } else {
      known(turn, (SessionStore.Known) begun);
    }
  }

  private Future<?> standing(WaitingTurn turn) {
    return store.standing(turn.begin()).onSuccess(standing -> {
      if (standing instanceof SessionStore.Known known) {
        known(turn, known);
        return;
      }
      turn.inOrder(() -> consult(turn));
      if (standing instanceof SessionStore.Standing.Next && !turn.isOver()) {
        queues.advance(turn);
        wake(turn.begin().sessionKey());
      }
    });
  }

  /** This turn, or the one with its key, was begun before. */
  private void known(WaitingTurn turn, SessionStore.Known known) {
    BeginTurn begin = turn.begin();
    if (known instanceof SessionStore.Known.Ended ended) {
      repeats.add(TurnKey.of(begin), ended.replayed().turn());
      leave(turn, () -> turn.replayed(ended.replayed(), handover.sessionInbox()));
      wake(begin.sessionKey()); // it may have been the last of a batch
    } else {
      TurnId first = ((SessionStore.Known.Pending) known).turn();
      repeats.add(TurnKey.of(begin), first);
      attach(begin, first)
          .onSuccess(reply -> attached(turn, reply))
          .onFailure(failure -> askLater(turn));
    }
  }

  /** Brings whoever has sent this to the turn that runs, which may be the very same one. */
  Future<BusMessage> attach(BeginTurn begin, TurnId running) {
    AttachTurn whole = new AttachTurn(running, begin.tenant(), 0, begin.listener());
    return running.equals(begin.turn()) ? attach.attachToBegun(whole) : attach.attach(whole);
  }

  private void attached(WaitingTurn turn, BusMessage reply) {
    if (reply instanceof Accepted accepted) {
      leave(turn, () -> turn.accepted(accepted));
    } else if (reply instanceof Replayed replayed) {
      leave(turn, () -> turn.replayed(replayed, handover.sessionInbox()));
    } else {
      askLater(turn);
    }
  }

  /** The one with its key has no provider yet, or one that is gone, or has just left without a trace. */
  private void askLater(WaitingTurn turn) {
    limit(turn);
    turn.busy(null, () -> consult(turn));
  }

  private void granted(WaitingTurn turn, SessionStore.Begun.Granted granted, String inbox) {
    BeginTurn begin = turn.begin();
    TurnKey key = TurnKey.of(begin);
    if (turn.isOver()) { // the lock time-out struck, or a cancel, while the store was being asked
      handover.cancel(begin, granted.lease()).onComplete(freed -> wake(begin.sessionKey()));
      return;
    }
    turn.granted();
    repeats.remove(key);
    queues.granted(turn);
    Future<Handover.Taken> taken =
        handover.give(begin, granted, inbox, () -> running.isCancelled(key));
    running.granted(key, taken);
    queues.relatedTo(turn).forEach(this::consult);
    taken
        .onSuccess(by -> {
          running.heard(key);
          leave(turn, () -> turn.accepted(by.accepted(begin.turn())));
          queues.relatedTo(turn).forEach(this::consult);
        })
        .onFailure(failure -> {
          running.ended(key);
          if (isLeaseLost(failure)) {
            lookFor(turn, failure);
          } else {
            leave(turn, () -> turn.failed(failure));
          }
        });
  }

  /** Others may have had it taken over while no provider took it here. It is not begun again: it may have been cancelled. */
  private void lookFor(WaitingTurn turn, Throwable failure) {
    store
        .standing(turn.begin())
        .map(found -> found instanceof SessionStore.Known known ? known : null)
        .otherwiseEmpty()
        .onSuccess(known -> {
          if (known == null) {
            leave(turn, () -> turn.failed(failure));
          } else {
            known(turn, known);
          }
        });
  }

  private static boolean isLeaseLost(Throwable failure) {
    return failure instanceof FaultException known && known.fault() == Fault.SESSION_LOCKED;
  }

  private void limit(WaitingTurn turn) {
    turn.giveUpAfter(
        config.lockTimeout().toMillis(),
        () -> leave(
            turn,
            () -> turn.failed(Fault.SESSION_LOCKED.retryAfter(
                1,
                "the session was busy with another turn for "
                    + config.lockTimeout().toSeconds() + " s"))));
  }

  /** Not on the caller's stack: when a whole queue fails, one after the other, each would stand on the one before. */
  void wake(String sessionKey) {
    if (queues.first(sessionKey).isPresent()) {
      vertx.runOnContext(ready -> queues.first(sessionKey).ifPresent(this::consult));
    }
  }
}
