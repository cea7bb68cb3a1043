package io.consoul.gateway.limit;

/** How much was charged in the current one of the windows that follow each other from 1970 on. */
final class FixedTally implements Tally {

  private final long length;
  private long window = Long.MIN_VALUE;
  private long used;

  FixedTally(long length) {
    this.length = length;
  }

  @Override
  public WindowKind kind() {
    return WindowKind.FIXED;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void forget(long now) {
    long current = now / length;
    if (current > window) {
      used = 0;
    }
    window = current;
  }

  @Override
  public long used() {
    return used;
  }

  @Override
  public void add(int cost, long now) {
    used += cost;
  }

  @Override
  public long until(long rest, long now) {
    return used <= rest ? 0 : (window + 1) * length - now;
  }

  @Override
  public int room() {
    return 1;
  }
}
