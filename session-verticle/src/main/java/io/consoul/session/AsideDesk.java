package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.node.Node;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Has turns answered beside their session: each sees the session as it is, waits for nobody and leaves nothing behind.
 * Confined to one event loop.
 */
final class AsideDesk {

  /** A gateway that has not heard the reply repeats its request within seconds. */
  private static final Duration REPEATS = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final Node node;
  private final SessionStore store;
  private final Handover handover;
  private final TurnQueues queues;
  private final Workload workload;

  /** The latest ones, so that a repeat is not answered twice. */
  private final Map<TurnKey, Handover.Taken> taken = new HashMap<>();

  AsideDesk(
      Vertx vertx,
      Node node,
      SessionStore store,
      Handover handover,
      TurnQueues queues,
      Workload workload) {
    this.vertx = vertx;
    this.node = node;
    this.store = store;
    this.handover = handover;
    this.queues = queues;
    this.workload = workload;
  }

  /** Who has this turn, when it was begun a moment ago. */
  Optional<Handover.Taken> taken(TurnKey turn) {
    return Optional.ofNullable(taken.get(turn));
  }

  void enter(WaitingTurn turn) {
    queues.add(turn);
    workload.changed();
    turn.request().run(() -> give(turn));
  }

  private void give(WaitingTurn turn) {
    BeginTurn begin = turn.begin();
    String inbox = node.directory().pick(Kind.PROVIDER).map(Hello::inbox).orElse("");
    turn.tokens()
        .compose(tokens -> store.snapshot(begin, tokens))
        .compose(snapshot -> handover.give(begin, snapshot, inbox, turn::isOver))
        .onSuccess(by -> {
          remember(TurnKey.of(begin), by);
          leave(turn, () -> turn.accepted(by.accepted(begin.turn())));
        })
        .onFailure(failure -> leave(turn, () -> turn.failed(failure)));
  }

  private void leave(WaitingTurn turn, Runnable answer) {
    if (queues.remove(turn)) {
      answer.run();
      workload.changed();
    }
  }

  private void remember(TurnKey turn, Handover.Taken by) {
    taken.put(turn, by);
    vertx.setTimer(REPEATS.toMillis(), over -> taken.remove(turn));
  }
}
