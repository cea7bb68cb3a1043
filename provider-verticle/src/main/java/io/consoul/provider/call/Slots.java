package io.consoul.provider.call;

import io.vertx.core.Context;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * How many calls one provider gets at once from this JVM, and the queue in front of it: first come, first served, and left
 * at once by whom nobody waits for any more. May be used on any thread.
 */
final class Slots {

  private enum State {
    WAITING,
    HELD,
    GIVEN
  }

  private final int max;
  private final int maxWaiting;

  // Guarded by this, and so are the states of the slots.
  private final Set<Slot> queue = new LinkedHashSet<>();
  private int inUse;

  Slots(int max, int maxWaiting) {
    this.max = max;
    this.maxWaiting = maxWaiting;
  }

  /**
   * Asks for a slot. What is returned has to be given back, also while it is waited for.
   *
   * @param onTurn called later on the context if the slot has to be waited for, perhaps even after it was left
   * @return empty when too many wait already
   */
  synchronized Optional<Slot> take(Context context, Runnable onTurn) {
    if (inUse < max) {
      inUse++;
      return Optional.of(new Slot(State.HELD, context, onTurn));
    }
    if (queue.size() >= maxWaiting) {
      return Optional.empty();
    }
    Slot slot = new Slot(State.WAITING, context, onTurn);
    queue.add(slot);
    return Optional.of(slot);
  }

  int max() {
    return max;
  }

  synchronized int inUse() {
    return inUse;
  }

  synchronized int waiting() {
    return queue.size();
  }

  private void give(Slot slot) {
    Slot next = null;
    synchronized (this) {
      if (slot.state == State.WAITING) {
        queue.remove(slot);
      } else if (slot.state == State.HELD) {
        next = passOn();
      }
      slot.state = State.GIVEN;
    }
    if (next != null) {
      Runnable onTurn = next.onTurn;
      next.context.runOnContext(now -> onTurn.run());
    }
  }

  /** Who has waited longest has it before anybody who comes now can take it. */
  private Slot passOn() {
    if (queue.isEmpty()) {
      inUse--;
      return null;
    }
    Slot next = queue.iterator().next();
    queue.remove(next);
    next.state = State.HELD;
    return next;
  }

  /** The right to one call, or a place in the queue for it. */
  final class Slot {

    private final Context context;
    private final Runnable onTurn;
    private final boolean atOnce;
    private State state;

    private Slot(State state, Context context, Runnable onTurn) {
      this.context = context;
      this.onTurn = onTurn;
      this.atOnce = state == State.HELD;
      this.state = state;
    }

    /** Whether it had not to be waited for. */
    boolean isAtOnce() {
      return atOnce;
    }

    /** Gives it back, or leaves the queue. Harmless when repeated. */
    void give() {
      Slots.this.give(this);
    }
  }
}
