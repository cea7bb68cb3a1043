package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.BeginTurn;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The turns that have not begun: for each session a queue in the order of arrival, whose first turn is the only one that may
 * take the lease. Turns beside their session stand in no queue and count all the same. Bounded; confined to one event loop.
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
  Optional<WaitingTurn> find(TurnKey turn) {
    return Optional.ofNullable(turns.get(turn));
  }

  /** @throws io.consoul.fault.FaultException E022 when one turn more would be too many */
  void requireRoom(BeginTurn begin) {
    if (isFull(begin) || turns.size() >= limits.perInstance()) {
      throw Fault.SERVER_BUSY.retryAfter(1, "too many turns are waiting; try again in a moment");
    }
  }

  /** Whether too many turns wait for its session; one of a batch, which comes alone, does not count as waiting. */
  boolean isFull(BeginTurn begin) {
    return !begin.aside()
        && begin.batch() == null
        && queue(begin.sessionKey()).size() >= limits.perSession();
  }

  void add(WaitingTurn turn) {
    turns.put(TurnKey.of(turn.begin()), turn);
    if (!turn.begin().aside()) {
      queues
          .computeIfAbsent(turn.begin().sessionKey(), key -> new ArrayDeque<>())
          .add(turn);
    }
  }

  /** @return whether it was still there */
  boolean remove(WaitingTurn turn) {
    if (!turns.remove(TurnKey.of(turn.begin()), turn)) {
      return false;
    }
    queues.computeIfPresent(turn.begin().sessionKey(), (key, queue) -> {
      queue.remove(turn);
      return queue.isEmpty() ? null : queue;
    });
    return true;
  }

  /** A turn that has its lease is the first, whoever has come in between while it asked for it. */
  void granted(WaitingTurn turn) {
    Deque<WaitingTurn> queue = queues.get(turn.begin().sessionKey());
    if (queue.peek() != turn) {
      queue.remove(turn);
      queue.addFirst(turn);
    }
  }

  /** Lets a turn of a batch go past all that are not of it: the batch has the session to itself. */
  void advance(WaitingTurn turn) {
    Deque<WaitingTurn> queue = queues.get(turn.begin().sessionKey());
    Deque<WaitingTurn> before = new ArrayDeque<>();
    Iterator<WaitingTurn> all = queue.iterator();
    for (WaitingTurn other = all.next(); other != turn; other = all.next()) {
      if (other.hasLease() || isSameBatch(other, turn)) {
        before.add(other);
        all.remove();
      }
    }
    all.remove();
    queue.addFirst(turn);
    before.descendingIterator().forEachRemaining(queue::addFirst);
  }

  /** All of a session, in order. */
  List<WaitingTurn> of(String sessionKey) {
    return List.copyOf(queue(sessionKey));
  }

  /** Those that name the same key as this turn of their session or belong to the same batch, in order. */
  List<WaitingTurn> relatedTo(WaitingTurn turn) {
    return turn.isKeyedOrInBatch()
        ? queue(turn.begin().sessionKey()).stream()
            .filter(other -> other != turn)
            .filter(other -> isSameKey(other, turn) || isSameBatch(other, turn))
            .toList()
        : List.of();
  }

  /** In which turns wait. */
  Set<String> sessions() {
    return Set.copyOf(queues.keySet());
  }

  boolean isFirst(WaitingTurn turn) {
    return queue(turn.begin().sessionKey()).peek() == turn;
  }

  /** Whose move it is in this session. */
  Optional<WaitingTurn> first(String sessionKey) {
    return Optional.ofNullable(queue(sessionKey).peek());
  }

  /** How many turns of its session are before this one, the one in progress included. */
  int ahead(WaitingTurn turn) {
    if (turn.begin().aside()) {
      return 0;
    }
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

  private static boolean isSameKey(WaitingTurn one, WaitingTurn other) {
    return one.begin().key() != null && one.begin().key().equals(other.begin().key());
  }

  private static boolean isSameBatch(WaitingTurn one, WaitingTurn other) {
    return one.begin().batch() != null
        && other.begin().batch() != null
        && one.begin().batch().id().equals(other.begin().batch().id());
  }
}
