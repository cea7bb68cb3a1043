package io.consoul.gateway.limit;

/**
 * How much was charged in each hundredth of the window. A hundredth that is partly outside the window counts in full, so
 * that the limit is never exceeded; at most a hundredth of it is lost by that.
 */
final class ChargeSlots implements Tally {

  static final int SLOTS = 100;

  /** One more than the window has, for it begins and ends in the middle of one. */
  private static final int KEPT = SLOTS + 1;

  private final long length;
  private final long slotLength;
  private final int[] slots = new int[KEPT];
  private long newest = Long.MIN_VALUE;
  private long used;

  ChargeSlots(long length) {
    this.length = length;
    this.slotLength = length / SLOTS;
  }

  @Override
  public WindowKind kind() {
    return WindowKind.SLOTS;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void forget(long now) {
    long current = now / slotLength;
    if (current > newest) {
      long first = Math.max(newest + 1, current - SLOTS);
      for (long slot = first; slot <= current; slot++) {
        used -= slots[at(slot)];
        slots[at(slot)] = 0;
      }
    } else if (current < newest) {
      comeBackTo(current);
    }
    newest = current;
  }

  @Override
  public long used() {
    return used;
  }

  @Override
  public void add(int cost, long now) {
    slots[at(newest)] += cost;
    used += cost;
  }

  @Override
  public long until(long rest, long now) {
    long left = used;
    for (long slot = newest - SLOTS; slot <= newest && left > rest; slot++) {
      left -= slots[at(slot)];
      if (left <= rest) {
        return (slot + KEPT) * slotLength - now;
      }
    }
    return 0;
  }

  @Override
  public int room() {
    return KEPT / 2;
  }

  /** The clock went back: what was charged in what is the future now was charged now. */
  private void comeBackTo(long current) {
    int moved = 0;
    for (long slot = newest; slot > current && slot > newest - KEPT; slot--) {
      moved += slots[at(slot)];
      slots[at(slot)] = 0;
    }
    slots[at(current)] += moved;
  }

  private static int at(long slot) {
    return (int) Math.floorMod(slot, (long) KEPT);
  }
}
