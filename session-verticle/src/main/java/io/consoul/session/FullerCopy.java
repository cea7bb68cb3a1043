package io.consoul.session;

/** Puts a session in the shelter together with another copy of what Redis had of it, which may have more of that. */
final class FullerCopy {

  private FullerCopy() {}

  /**
   * What there is of both.
   *
   * @param guest is in the shelter, with what was said there
   * @param copy of what Redis had, with the turn that is in progress in it; not to be used afterwards
   * @return the guest itself, where the copy has no more of what Redis had, with a later attempt at its turn if the copy has that
   */
  static MemorySession of(MemorySession guest, MemorySession copy) {
    if (isNewer(copy.pending(), guest.pending())) { // the guest's was taken over before Redis went
      guest.abort();
      guest.begin(copy.pending());
    }
    if (copy.transcript().turns() <= guest.unmerged()) {
      return guest;
    }
    if (guest.pending() != null && copy.pending() != null) {
      copy.abort(); // it has lost its session, as its provider will hear
    }
    for (AcknowledgedTurn turn : guest.acknowledgedFrom(guest.unmerged())) {
      if (copy.transcript().sealed(turn.id()) == null) {
        copy.add(turn.whole());
      }
    }
    PendingTurn pending = guest.pending();
    if (pending != null && copy.transcript().sealed(pending.begin().turn()) == null) {
      copy.begin(pending);
    }
    return copy;
  }

  /** Whether it is a later attempt at the same turn. */
  private static boolean isNewer(PendingTurn one, PendingTurn other) {
    return one != null
        && other != null
        && one.begin().turn().equals(other.begin().turn())
        && one.fence() > other.fence();
  }
}
