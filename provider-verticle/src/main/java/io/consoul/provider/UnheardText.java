package io.consoul.provider;

import java.util.Collection;

/**
 * How much the turns of one instance have said to nobody: they run on without a listener for the resume window, each up to
 * the maximum answer size. Above a limit in all they wait, upstream paused, until listeners come back or others end.
 */
final class UnheardText {

  private int limit;
  private boolean full;

  /** @param limit in UTF-16 code units */
  UnheardText(int limit) {
    this.limit = limit;
  }

  void change(int changedLimit) {
    limit = changedLimit;
  }

  /** To be called often: what is said meanwhile comes on top. */
  void count(Collection<RunningTurn> turns) {
    full = turns.stream()
            .filter(RunningTurn::isUnheard)
            .mapToLong(RunningTurn::length)
            .sum()
        > limit;
  }

  /** Whether a turn that nobody hears should wait. */
  boolean isFull() {
    return full;
  }
}
