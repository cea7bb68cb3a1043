package io.consoul.provider;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Answers that have ended and wait for late listeners, for a time and up to a size; the oldest make room. */
final class Shelf {

  /** What an entry costs besides its text, about. */
  private static final int OVERHEAD = 512;

  private final int capacity;
  private final Set<RunningTurn> turns = new LinkedHashSet<>();
  private long size;

  /** @param capacity in UTF-16 code units */
  Shelf(int capacity) {
    this.capacity = capacity;
  }

  void put(RunningTurn turn) {
    if (turns.add(turn)) {
      size += cost(turn);
    }
  }

  void remove(RunningTurn turn) {
    if (turns.remove(turn)) {
      size -= cost(turn);
    }
  }

  /** Whether it holds more than it should although it has let go whatever nobody is reading. */
  boolean isOverfull() {
    return size > capacity && turns.stream().noneMatch(RunningTurn::isDone);
  }

  /** Whether somebody still waits for the rest of one. */
  boolean isBusy() {
    return turns.stream().anyMatch(turn -> !turn.isDone());
  }

  /** Takes away what is too old, and the oldest of what is too much. */
  List<RunningTurn> clear() {
    List<RunningTurn> gone = new ArrayList<>();
    Iterator<RunningTurn> each = turns.iterator();
    while (each.hasNext()) {
      RunningTurn turn = each.next();
      if (turn.isStale() || size > capacity && turn.isDone()) {
        each.remove();
        size -= cost(turn);
        gone.add(turn);
      }
    }
    return gone;
  }

  private static int cost(RunningTurn turn) {
    return turn.length() + OVERHEAD;
  }
}
