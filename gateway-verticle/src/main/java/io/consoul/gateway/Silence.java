package io.consoul.gateway;

/** How long a peer that one stream depends on has given no sign of life, in ticks of {@link TurnStreams}. */
final class Silence {

  /** After so many the peer counts as gone. */
  static final int TICKS = 20;

  private int ticks;

  /** There was a sign of life. */
  void broken() {
    ticks = 0;
  }

  /**
   * To be called at every tick.
   *
   * @return whether it has lasted for long enough; then it begins anew
   */
  boolean lasts() {
    if (++ticks < TICKS) {
      return false;
    }
    ticks = 0;
    return true;
  }
}
