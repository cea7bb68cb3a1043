package io.consoul.provider.health;

import java.time.InstantSource;

/**
 * How many retries one provider may be burdened with: in any ten seconds a part of the calls of that time, and a few more
 * so that a quiet server can retry too. What was not used is not saved up. Safe from every thread.
 */
final class RetryBudget {

  /** Seconds; the current one is not over, so that it takes one more to cover ten whole ones. */
  private static final int SLOTS = 11;

  private int percent;
  private int reserve;
  private final InstantSource clock;
  private final long[] calls = new long[SLOTS];
  private final long[] retries = new long[SLOTS];
  private long second;

  RetryBudget(RetryConfig config, InstantSource clock) {
    change(config);
    this.clock = clock;
    this.second = Math.floorDiv(clock.millis(), 1_000);
  }

  /** From now on it is as large as this says; what was taken stays taken. */
  final synchronized void change(RetryConfig config) {
    percent = config.budgetPercent();
    reserve = config.budgetReserve();
  }

  /** A call goes out that is no retry. */
  synchronized void asked() {
    calls[slot()]++;
  }

  /** @return whether there is one left, which is taken by this */
  synchronized boolean take() {
    int now = slot();
    if (sum(retries) >= sum(calls) * percent / 100 + reserve) {
      return false;
    }
    retries[now]++;
    return true;
  }

  /** That of the current second, after those that have passed were emptied. */
  private int slot() {
    long now = Math.floorDiv(clock.millis(), 1_000);
    for (long each = Math.max(second, now - SLOTS) + 1; each <= now; each++) {
      int slot = Math.floorMod(each, SLOTS);
      calls[slot] = 0;
      retries[slot] = 0;
    }
    second = now;
    return Math.floorMod(second, SLOTS);
  }

  private static long sum(long[] slots) {
    long sum = 0;
    for (long slot : slots) {
      sum += slot;
    }
    return sum;
  }
}
