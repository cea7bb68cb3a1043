package io.consoul.gateway.limit;

/** The times of all charges within the window, oldest first, in a ring that grows to the largest logged limit. */
final class ChargeLog implements Tally {

  private static final int SMALL = 8;

  private final long length;
  private long[] times = new long[SMALL];
  private int oldest;
  private int size;

  ChargeLog(long length) {
    this.length = length;
  }

  @Override
  public WindowKind kind() {
    return WindowKind.LOG;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void forget(long now) {
    for (int i = size - 1; i >= 0 && times[at(i)] > now; i--) {
      times[at(i)] = now;
    }
    while (size > 0 && times[oldest] <= now - length) {
      oldest = at(1);
      size--;
    }
    if (size == 0 && times.length > SMALL) {
      times = new long[SMALL];
      oldest = 0;
    }
  }

  @Override
  public long used() {
    return size;
  }

  @Override
  public void add(int cost, long now) {
    if (size + cost > times.length) {
      grow(size + cost);
    }
    for (int i = 0; i < cost; i++) {
      times[at(size)] = now;
      size++;
    }
  }

  @Override
  public long until(long rest, long now) {
    return size <= rest ? 0 : times[at((int) (size - rest - 1))] + length - now;
  }

  @Override
  public int room() {
    return times.length;
  }

  private int at(int index) {
    return (oldest + index) % times.length;
  }

  private void grow(int needed) {
    int room = Math.max(needed, Math.min(times.length * 2, WindowKind.MAX_LOG));
    long[] larger = new long[room];
    for (int i = 0; i < size; i++) {
      larger[i] = times[at(i)];
    }
    times = larger;
    oldest = 0;
  }
}
