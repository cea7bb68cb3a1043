package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The turns that have not begun: for each session a queue in the order of arrival, whose first turn is the only one that
 * asks the store. Bounded; confined to one event loop.
 */
final class TurnQueues {

  private final SessionConfig.MaxWaiting limits;

  /** No queue in here is empty. */
  private final Map<String, Deque<WaitingTurn>> queues = new HashMap<>();

  /** All of them, to recognise a repeat. */
  private final Map<TurnKey, WaitingTurn> turns = new HashMap<>();

  TurnQueues(SessionConfig.MaxWaiting limits) {
    this.limits = limits;
  }

  /** The turn with this id, if it waits already. */
  Optional<WaitingTurn> find(BeginTurn begin) {
    return Optional.ofNullable(turns.get(TurnKey.of(begin)));
  }

  /** @throws io.consoul.fault.FaultException E022 when one turn more would be too many */
  void requireRoom(String sessionKey) {
    if (turns.size() >= limits.perInstance() || queue(sessionKey).size() >= limits.perSession()) {
      throw Fault.SERVER_BUSY.retryAfter(1, "too many turns are waiting; try again in a moment");
    }
  }

  void add(WaitingTurn turn) {
    queues.computeIfAbsent(turn.begin().sessionKey(), key -> new ArrayDeque<>()).add(turn);
    turns.put(TurnKey.of(turn.begin()), turn);
  }

  /** @return whether it was still there */
  boolean remove(WaitingTurn turn) {
    if (!turns.remove(TurnKey.of(turn.begin()), turn)) {
      return false;
    }
    String key = turn.begin().sessionKey();
    Deque<WaitingTurn> queue = queues.get(key);
    queue.remove(turn);
    if (queue.isEmpty()) {
      queues.remove(key);
    }
    return true;
  }

  /** Whose move it is in this session. */
  Optional<WaitingTurn> first(String sessionKey) {
    return Optional.ofNullable(queue(sessionKey).peek());
  }

  /** How many turns of its session are before this one, the one in progress included. */
  int ahead(WaitingTurn turn) {
    Deque<WaitingTurn> queue = queue(turn.begin().sessionKey());
    // The first one may have its lease by now; then it is itself the turn in progress.
    int ahead = queue.isEmpty() || queue.peek().hasLease() ? 0 : 1;
    for (WaitingTurn other : queue) {
      if (other == turn) {
        break;
      }
      ahead++;
    }
    return ahead;
  }

  int size() {
    return turns.size();
  }

  private Deque<WaitingTurn> queue(String sessionKey) {
    Deque<WaitingTurn> queue = queues.get(sessionKey);
    return queue == null ? new ArrayDeque<>(0) : queue;
  }
}
