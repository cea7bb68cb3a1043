package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.message.AnswerTurn;
import io.consoul.message.Answering;
import io.consoul.message.Credit;
import io.consoul.message.Detach;
import io.consoul.message.FollowTurn;
import io.consoul.message.Follower;
import io.consoul.message.Following;
import io.consoul.message.Listener;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Takes the turns of one verticle instance and hands each message to the turn that it is about. Confined to the
 * instance's event loop, so plain maps are enough.
 */
final class AnswerDesk {

  /**
   * Milliseconds between two ticks after which it was us who slept, not the listeners: what they said meanwhile has not
   * been read yet.
   */
  private static final long OWN_PAUSE = 1_000;

  private Workbench bench;
  private Routes routes;
  private final IntConsumer load;
  private final Map<TurnId, RunningTurn> turns = new HashMap<>();

  /** Those that run or have a listener. Far more of them have ended and only wait to be forgotten. */
  private final Set<RunningTurn> active = new LinkedHashSet<>();

  private final Shelf shelf;

  /** Null until it is stopped. */
  private Departure departure;

  private int running;
  private long lastTick;

  /** @param load told how many turns are in progress, at every change */
  AnswerDesk(Workbench bench, IntConsumer load) {
    this.bench = bench;
    this.routes = bench.config().routing();
    this.load = load;
    this.lastTick = bench.millis();
    this.shelf = new Shelf(bench.config().maxRetainedSize(), bench.config().resumeWindow());
  }

  /** New turns work with this from now on; the others end with what they have begun with. */
  void change(Workbench changed) {
    bench = changed;
    routes = changed.config().routing();
    shelf.change(changed.config().maxRetainedSize(), changed.config().resumeWindow());
    changed.unheard().change(changed.config().maxUnheardSize());
  }

  /** What new turns work with. */
  Workbench bench() {
    return bench;
  }

  /** Who answers new turns. */
  Routes routes() {
    return routes;
  }

  /** Repeating it is safe: the same attempt is acknowledged again, an older one is refused. */
  Future<Answering> answer(AnswerTurn order) {
    return answer(order, false);
  }

  /** The same, and its listeners hear what the model says besides the text, too. */
  Future<Answering> answerAloud(AnswerTurn order) {
    return answer(order, true);
  }

  private Future<Answering> answer(AnswerTurn order, boolean aloud) {
    RunningTurn known = find(order.turn());
    if (known != null && known.fence() == order.fence()) {
      return Future.succeededFuture(known.answering());
    }
    if (known != null && known.fence() > order.fence()) {
      throw Fault.SESSION_LOCKED.because("a newer attempt at this turn is running here");
    }
    admit();
    Route route = routes.resolve(order.model());
    List<Follower> listeners = listeners(order, known == null ? List.of() : known.supersede());
    Runnable release = bench.adapters().engage(route);
    RunningTurn turn = new RunningTurn(bench, order, route, aloud, over -> {
      release.run();
      ended(over);
    });
    load.accept(++running); // it may have its end before it has begun
    turn.request().run(() -> turn.start(listeners));
    if (known != null) {
      forget(known);
    }
    turns.put(order.turn(), turn);
    active.add(turn);
    return Future.succeededFuture(turn.answering());
  }

  /**
   * Whoever was attached to an earlier attempt here goes on with this one: where he is, if that goes on with what was said, too.
   */
  private static List<Follower> listeners(AnswerTurn order, List<Follower> inherited) {
    boolean goesOn = order.resumption() != null;
    List<Follower> listeners = new ArrayList<>();
    inherited.forEach(each -> listeners.add(goesOn ? each : fromTheBeginning(each.listener())));
    if (goesOn) {
      listeners.addAll(order.resumption().followers());
    } else {
      listeners.add(fromTheBeginning(order.listener()));
    }
    return listeners;
  }

  private static Follower fromTheBeginning(Listener listener) {
    return new Follower(listener, 0, 0);
  }

  /** Null when it is not here, or is of no use to anybody. */
  RunningTurn find(TurnId turn) {
    RunningTurn found = turns.get(turn);
    return found == null || found.isSpent() ? null : found;
  }

  Future<Following> follow(FollowTurn follow) {
    RunningTurn turn = find(follow.turn());
    if (turn == null || turn.isLost()) {
      throw Fault.SESSION_NOT_FOUND.because("turn is not running here");
    }
    if (turn.isOnItsWay()) {
      throw Fault.LLM_UNAVAILABLE.retryAfter(
          1, "this turn is on its way to another provider verticle; ask again in a moment");
    }
    if (follow.after() < 0) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("after", "must not be negative");
    }
    turn.follow(follow);
    active.add(turn);
    return Future.succeededFuture(new Following(follow.turn(), turn.fence(), turn.cuts()));
  }

  /** A credit for another attempt says nothing about this one. */
  void credit(Credit credit) {
    RunningTurn turn = turns.get(credit.turn());
    if (turn != null && turn.fence() == credit.fence()) {
      turn.credit(credit);
    }
  }

  void detach(Detach detach) {
    RunningTurn turn = turns.get(detach.turn());
    if (turn != null) {
      turn.request().run(() -> turn.detach(ListenerKey.of(detach)));
    }
  }

  /** A stop for another attempt says nothing about this one. */
  Future<Stopped> stop(StopAnswer stop) {
    RunningTurn turn = turns.get(stop.turn());
    boolean stopped = turn != null
        && turn.fence() == stop.fence()
        && turn.request().call(() -> turn.stop(stop.reason().toException()));
    return Future.succeededFuture(new Stopped(stop.turn(), stopped));
  }

  /** To be called often, compared with the times in {@link ProviderConfig.Pace}. */
  void tick() {
    long now = bench.millis();
    if (now - lastTick > OWN_PAUSE) {
      active.forEach(RunningTurn::forgiveSilence);
    }
    lastTick = now;
    bench.sessions().lookWhetherAllLive();
    bench.unheard().count(active);
    List.copyOf(active).forEach(turn -> turn.request().run(turn::tick));
    active.stream().filter(RunningTurn::isSpent).toList().forEach(this::forget);
    active.removeIf(RunningTurn::isDone);
    shelf.clear(bench.millis()).forEach(turn -> turns.remove(turn.turn(), turn));
    lookWhetherDrained();
  }

  /**
   * Takes no new turns from now on.
   *
   * @param limit after which turns that still run are handed on, or cut and sealed as interrupted
   * @return succeeds when all have ended and their listeners know, or are out of time
   */
  Future<Void> drain(Duration limit) {
    departure = new Departure(bench, limit);
    lookWhetherDrained();
    return departure.over();
  }

  boolean isDraining() {
    return departure != null;
  }

  private void admit() {
    if (isDraining()) {
      throw Fault.SERVER_BUSY.retryAfter(
          1, "this instance is being stopped and takes no new turns");
    }
    if (running >= bench.config().maxTurns() || shelf.isOverfull()) {
      throw Fault.SERVER_BUSY.retryAfter(
          1, "too many turns are in progress; try again in a moment");
    }
  }

  private void forget(RunningTurn turn) {
    shelf.remove(turn);
    active.remove(turn);
    turns.remove(turn.turn(), turn);
  }

  private void ended(RunningTurn turn) {
    shelf.put(turn, bench.millis());
    load.accept(--running);
  }

  private void lookWhetherDrained() {
    if (departure != null) {
      departure.look(active, running, shelf.isBusy());
    }
  }
}
