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
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Takes turns, lets those of one session begin one after the other in the order of their arrival, and writes what the
 * providers tell. Confined to the event loop of its verticle instance.
 */
final class TurnDesk {

  /**
   * A turn in progress.
   *
   * @param taken null while a provider is being found
   * @param heard when its provider last gave a sign, in milliseconds
   */
  private record Running(Handover.Taken taken, long heard) {}

  private final Vertx vertx;
  private final Node node;
  private final SessionConfig config;
  private final SessionStore store;
  private final Handover handover;
  private final IntConsumer load;

  /** The first of each queue is the one that asks the store. */
  private final Map<String, Deque<WaitingTurn>> queues = new HashMap<>();

  private final Map<TurnId, Running> running = new HashMap<>();

  private final Promise<Void> drained = Promise.promise();
  private int waiting;
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
  }

  /** @return {@code Accepted}, or {@code Queued} when there is nothing better to say within 2 s, or the failure */
  Future<BusMessage> begin(BeginTurn begin) {
    Running known = running.get(begin.turn());
    if (known != null && known.taken() != null) {
      return Future.succeededFuture(known.taken().accepted(begin.turn()));
    }
    Deque<WaitingTurn> queue =
        queues.computeIfAbsent(begin.sessionKey(), key -> new ArrayDeque<>());
    for (WaitingTurn waitingTurn : queue) {
      if (waitingTurn.begin().turn().equals(begin.turn())) {
        return waitingTurn.askedAgain(begin);
      }
    }
    if (draining) {
      throw Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
          1, "this instance is being stopped and takes no new turns");
    }
    if (queue.size() >= config.maxWaiting().perSession()
        || waiting >= config.maxWaiting().perInstance()) {
      throw Fault.SERVER_BUSY.retryAfter(1, "too many turns are waiting; try again in a moment");
    }
    WaitingTurn turn = new WaitingTurn(vertx, node.bus(), config, begin);
    queue.add(turn);
    waiting++;
    changed();
    if (queue.peek() == turn) {
      tryToBegin(turn);
    } else {
      limit(turn);
    }
    return turn.reply();
  }

  Future<Renewed> progress(Progress progress) {
    return store
        .progress(progress)
        .onSuccess(done -> running.computeIfPresent(
            progress.turn(), (turn, known) -> new Running(known.taken(), now())))
        .map(done -> new Renewed(progress.turn()));
  }

  Future<Sealed> seal(SealTurn seal) {
    return store.seal(seal).onSuccess(stored -> freed(seal.turn(), seal.tenant()));
  }

  Future<Aborted> abort(AbortTurn abort) {
    return store.abort(abort).onSuccess(turn -> freed(turn, abort.tenant())).map(Aborted::new);
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
    long limit = now() - 2 * config.lease().toMillis();
    if (running.values().removeIf(turn -> turn.heard() < limit)) {
      changed();
    }
  }

  private void tryToBegin(WaitingTurn turn) {
    if (!turn.ask()) {
      return;
    }
    String inbox = node.directory().pick(Kind.PROVIDER).map(Hello::inbox).orElse("");
    store.begin(turn.begin(), inbox).onComplete(begun -> {
      if (begun.failed()) {
        leave(turn, () -> turn.failed(begun.cause()));
      } else if (begun.result() instanceof SessionStore.Begun.Granted granted) {
        granted(turn, granted, inbox);
      } else if (begun.result() instanceof SessionStore.Begun.Known known) {
        leave(
            turn,
            () -> turn.accepted(new Handover.Taken(known.fence(), known.providerInbox())
                .accepted(turn.begin().turn())));
      } else {
        limit(turn);
        turn.busy(() -> tryToBegin(turn));
      }
    });
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
    if (turn.isOver()) { // the lock time-out struck while the store was being asked
      handover.cancel(turn.begin(), granted.lease());
      return;
    }
    turn.granted();
    running.put(turn.begin().turn(), new Running(null, now()));
    handover.give(turn.begin(), granted, inbox).onComplete(taken -> {
      if (taken.succeeded()) {
        running.computeIfPresent(
            turn.begin().turn(), (id, known) -> new Running(taken.result(), now()));
        leave(turn, () -> turn.accepted(taken.result().accepted(turn.begin().turn())));
      } else {
        running.remove(turn.begin().turn());
        leave(turn, () -> turn.failed(taken.cause()));
      }
    });
  }

  /** The turn waits no longer; when it was the first of its session, the next one asks the store. */
  private void leave(WaitingTurn turn, Runnable answer) {
    String key = turn.begin().sessionKey();
    Deque<WaitingTurn> queue = queues.get(key);
    boolean first = queue != null && queue.peek() == turn;
    if (queue == null || !queue.remove(turn)) {
      return;
    }
    waiting--;
    answer.run();
    if (queue.isEmpty()) {
      queues.remove(key);
    } else if (first) {
      tryToBegin(queue.peek());
    }
    changed();
  }

  private void freed(TurnId turn, Tenant tenant) {
    running.remove(turn);
    Deque<WaitingTurn> queue = queues.get(BeginTurn.sessionKey(tenant, turn));
    if (queue != null) {
      tryToBegin(queue.peek());
    }
    changed();
  }

  private long now() {
    return node.clock().millis();
  }

  private void changed() {
    load.accept(waiting + running.size());
    if (draining && waiting == 0 && running.isEmpty()) {
      drained.tryComplete();
    }
  }
}
