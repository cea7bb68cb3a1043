package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Aborted;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.Progress;
import io.consoul.message.Renewed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Takes turns, lets those of one session begin one after the other in the order of their arrival, and writes what the
 * providers tell. Confined to the event loop of its verticle instance.
 */
final class TurnDesk {

  private final Vertx vertx;
  private final Node node;
  private final SessionConfig config;
  private final SessionStore store;
  private final Handover handover;
  private final IntConsumer load;
  private final TurnQueues queues;
  private final RunningTurns running;
  private final Promise<Void> drained = Promise.promise();
  private boolean draining;

  /** @param load told how many turns wait or run, at every change */
  TurnDesk(
      Vertx vertx,
      Node node,
      SessionConfig config,
      SessionStore store,
      Handover handover,
      IntConsumer load) {
    this.vertx = vertx;
    this.node = node;
    this.config = config;
    this.store = store;
    this.handover = handover;
    this.load = load;
    this.queues = new TurnQueues(config.maxWaiting());
    this.running = new RunningTurns(node.clock());
  }

  /** @return {@code Accepted}, or {@code Queued} when there is nothing better to say within 2 s, or the failure */
  Future<BusMessage> begin(BeginTurn begin) {
    Optional<Handover.Taken> taken = running.taken(TurnKey.of(begin));
    if (taken.isPresent()) {
      return Future.succeededFuture(taken.get().accepted(begin.turn()));
    }
    Optional<WaitingTurn> waiting = queues.find(begin);
    if (waiting.isPresent()) {
      return waiting.get().askedAgain(begin);
    }
    if (draining) {
      throw Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
          1, "this instance is being stopped and takes no new turns");
    }
    queues.requireRoom(begin.sessionKey());
    WaitingTurn turn = new WaitingTurn(vertx, node.bus(), config, begin, queues::ahead);
    queues.add(turn);
    changed();
    if (isFirst(turn)) {
      tryToBegin(turn);
    } else {
      limit(turn);
    }
    return turn.reply();
  }

  Future<Renewed> progress(Progress progress) {
    return store
        .progress(progress)
        .onSuccess(done -> running.heard(new TurnKey(progress.tenant(), progress.turn())))
        .map(done -> new Renewed(progress.turn()));
  }

  Future<Sealed> seal(SealTurn seal) {
    return store.seal(seal).onSuccess(stored -> ended(new TurnKey(seal.tenant(), seal.turn())));
  }

  Future<Aborted> abort(AbortTurn abort) {
    return store
        .abort(abort)
        .onSuccess(turn -> ended(new TurnKey(abort.tenant(), turn)))
        .map(Aborted::new);
  }

  /**
   * Takes no new turns from now on.
   *
   * @return succeeds when none waits or runs, or when the time is over
   */
  Future<Void> drain(Duration limit) {
    draining = true;
    long timer = vertx.setTimer(Math.max(1, limit.toMillis()), id -> drained.tryComplete());
    long lapse = vertx.setPeriodic(Math.max(1, config.lease().toMillis()), id -> forgetLapsed());
    changed();
    return drained.future().onComplete(done -> {
      vertx.cancelTimer(timer);
      vertx.cancelTimer(lapse);
    });
  }

  /** Turns whose provider has been silent for two leases no longer count as running: the store settles them. */
  void forgetLapsed() {
    if (running.forgetSilent(config.lease().multipliedBy(2))) {
      changed();
    }
  }

  private void tryToBegin(WaitingTurn turn) {
    if (!turn.ask()) {
      return;
    }
    String inbox = node.directory().pick(Kind.PROVIDER).map(Hello::inbox).orElse("");
    turn.tokens()
        .compose(tokens -> store.begin(turn.begin(), tokens, inbox))
        .onSuccess(begun -> begun(turn, begun, inbox))
        .onFailure(failure -> leave(turn, () -> turn.failed(failure)));
  }

  private void begun(WaitingTurn turn, SessionStore.Begun begun, String inbox) {
    if (begun instanceof SessionStore.Begun.Granted granted) {
      granted(turn, granted, inbox);
    } else if (begun instanceof SessionStore.Begun.Known known) {
      Handover.Taken taken = new Handover.Taken(known.fence(), known.providerInbox());
      leave(turn, () -> turn.accepted(taken.accepted(turn.begin().turn())));
    } else {
      limit(turn);
      turn.busy(() -> tryToBegin(turn));
    }
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

  private void granted(WaitingTurn turn, SessionStore.Begun.Granted granted, String inbox) {
    BeginTurn begin = turn.begin();
    if (turn.isOver()) { // the lock time-out struck while the store was being asked
      handover.cancel(begin, granted.lease()).onComplete(freed -> wake(begin.sessionKey()));
      return;
    }
    turn.granted();
    running.granted(TurnKey.of(begin));
    handover
        .give(begin, granted, inbox)
        .onSuccess(taken -> {
          running.taken(TurnKey.of(begin), taken);
          leave(turn, () -> turn.accepted(taken.accepted(begin.turn())));
        })
        .onFailure(failure -> {
          running.ended(TurnKey.of(begin));
          leave(turn, () -> turn.failed(failure));
        });
  }

  /** The turn waits no longer; when it was the first of its session, the next one asks the store. */
  private void leave(WaitingTurn turn, Runnable answer) {
    boolean first = isFirst(turn);
    if (!queues.remove(turn)) {
      return;
    }
    answer.run();
    if (first) {
      wake(turn.begin().sessionKey());
    }
    changed();
  }

  private void ended(TurnKey turn) {
    running.ended(turn);
    wake(turn.session());
    changed();
  }

  /** Not on the caller's stack: when a whole queue fails, one after the other, each would stand on the one before. */
  private void wake(String sessionKey) {
    if (queues.first(sessionKey).isPresent()) {
      vertx.runOnContext(ready -> queues.first(sessionKey).ifPresent(this::tryToBegin));
    }
  }

  private boolean isFirst(WaitingTurn turn) {
    return queues.first(turn.begin().sessionKey()).filter(turn::equals).isPresent();
  }

  private void changed() {
    load.accept(queues.size() + running.size());
    if (draining && queues.size() == 0 && running.size() == 0) {
      drained.tryComplete();
    }
  }
}
