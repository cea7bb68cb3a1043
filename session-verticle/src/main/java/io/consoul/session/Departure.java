package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.CancelTurn;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.StoreState;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * How a session instance goes when it is stopped: where another node has the same store its instance gets the turns that wait
 * here, in their order, and the providers of those that run find it by themselves; where none has, all come to their end first.
 * Confined to one event loop.
 */
final class Departure {

  private static final long LOOK_MILLIS = 50;

  /** What was sent here before everybody has heard that this instance goes still arrives. */
  private static final Duration LINGER = Duration.ofMillis(300);

  /** Another instance may take it later, or this one may come to it itself. */
  private static final Set<Fault> NOT_NOW =
      Set.of(Fault.SESSION_STORAGE_UNAVAILABLE, Fault.SERVER_BUSY, Fault.INTERNAL_ERROR);

  private final Vertx vertx;
  private final Node node;
  private final Supplier<StoreState> store;
  private final TurnStart start;
  private final TurnQueues queues;
  private final Workload workload;

  /** @param store where this instance keeps its sessions just now */
  Departure(
      Vertx vertx,
      Node node,
      Supplier<StoreState> store,
      TurnStart start,
      TurnQueues queues,
      Workload workload) {
    this.vertx = vertx;
    this.node = node;
    this.store = store;
    this.start = start;
    this.queues = queues;
    this.workload = workload;
  }

  /**
   * Takes no new turns from now on.
   *
   * @return succeeds when nothing keeps this instance any more, or when the time is over
   */
  Future<Void> drain(Duration limit) {
    long timer = vertx.setTimer(Math.max(1, limit.toMillis()), id -> workload.giveUp());
    Future<Void> drained = workload.drain();
    look();
    long looks = vertx.setPeriodic(LOOK_MILLIS, id -> look());
    return drained.onComplete(done -> {
      vertx.cancelTimer(timer);
      vertx.cancelTimer(looks);
    });
  }

  /** After the last word of this instance: what is on its way to it is still answered. */
  Future<Void> linger(Duration limit) {
    Duration time = limit.compareTo(LINGER) < 0 ? limit : LINGER;
    return time.isZero() || node.directory().nodes() == 1
        ? Future.succeededFuture()
        : vertx.timer(time.toMillis() + 1, TimeUnit.MILLISECONDS).mapEmpty();
  }

  private void look() {
    workload.forgetLapsed();
    boolean shared = others().findAny().isPresent();
    if (shared) {
      queues.sessions().forEach(this::handOn);
    }
    workload.othersGoOn(shared);
  }

  /** Where the first one may have its lease in a moment, nobody of its session goes yet: their order would be lost. */
  private void handOn(String session) {
    List<WaitingTurn> waiting = queues.of(session);
    if (waiting.stream().noneMatch(WaitingTurn::isBeginning)) {
      owner(session)
          .ifPresent(inbox ->
              waiting.stream().filter(WaitingTurn::leaves).forEach(turn -> handOn(turn, inbox)));
    }
  }

  private void handOn(WaitingTurn turn, String inbox) {
    node.bus()
        .ask(Kind.SESSION, inbox, turn.begin(), Bus.ACKNOWLEDGEMENT)
        .onSuccess(reply -> taken(turn, inbox, reply))
        .onFailure(refusal -> refused(turn, refusal));
  }

  private void taken(WaitingTurn turn, String inbox, BusMessage reply) {
    if (turn.isOver()) { // a cancel or the lock time-out struck while the other one was being asked
      node.bus()
          .tell(
              inbox,
              new CancelTurn(
                  turn.begin().session(), turn.begin().tenant(), turn.begin().turn()));
    } else {
      start.begunElsewhere(turn, reply);
    }
  }

  private void refused(WaitingTurn turn, Throwable refusal) {
    if (refusal instanceof FaultException known && NOT_NOW.contains(known.fault())) {
      turn.stays();
      start.wake(turn.begin().sessionKey());
    } else {
      start.leave(turn, () -> turn.failed(refusal));
    }
  }

  private Optional<String> owner(String session) {
    return node.directory().pickFor(Kind.SESSION, session).filter(this::isOther).map(Hello::inbox);
  }

  private Stream<Hello> others() {
    return node.directory().serving(Kind.SESSION).stream().filter(this::isOther);
  }

  /** Whether it finds the same sessions on another node. */
  private boolean isOther(Hello hello) {
    return !hello.node().equals(node.id())
        && hello.store() == store.get()
        && (hello.store() == StoreState.CLUSTER || hello.store() == StoreState.REDIS);
  }
}
