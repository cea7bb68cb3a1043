package io.consoul.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers that have ended and wait for late listeners, for a time and up to a size; the oldest make room. */
final class Shelf {

  /** What an entry costs besides its text, about. */
  private static final int OVERHEAD = 512;

  private int capacity;
  private long time;
  private final Map<RunningTurn, Long> since = new LinkedHashMap<>();
  private long size;

  /** @param capacity in UTF-16 code units */
  Shelf(int capacity, Duration time) {
    change(capacity, time);
  }

  /** What is too much by then goes with the next {@link #clear}. */
  final void change(int changedCapacity, Duration changedTime) {
    capacity = changedCapacity;
    time = changedTime.toMillis();
  }

  /** @param now milliseconds */
  void put(RunningTurn turn, long now) {
    if (since.putIfAbsent(turn, now) == null) {
      size += cost(turn);
    }
  }

  void remove(RunningTurn turn) {
    if (since.remove(turn) != null) {
      size -= cost(turn);
    }
  }

  /** Whether it holds more than it should although it has let go whatever nobody is reading. */
  boolean isOverfull() {
    return size > capacity && since.keySet().stream().noneMatch(RunningTurn::isDone);
  }

  /** Whether somebody still waits for the rest of one. */
  boolean isBusy() {
    return since.keySet().stream().anyMatch(turn -> !turn.isDone());
  }

  /** Takes away what is too old, and the oldest of what is too much, but nothing that is being read. */
  List<RunningTurn> clear(long now) {
    List<RunningTurn> gone = new ArrayList<>();
    Iterator<Map.Entry<RunningTurn, Long>> each = since.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<RunningTurn, Long> entry = each.next();
      RunningTurn turn = entry.getKey();
      if (now - entry.getValue() < time && size <= capacity) {
        break; // and all others are younger
      }
      if (turn.isDone()) {
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
