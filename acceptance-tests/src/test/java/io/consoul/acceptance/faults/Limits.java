package io.consoul.acceptance.faults;

/**
 * How long a provider is waited for. Short only where the fault is that nothing comes: a busy machine is late with everything
 * else.
 */
enum Limits {
  PATIENT("", 20, 20),
  /** For what never begins. */
  HASTY("-hasty", 1, 1),
  /** For what begins and then falls silent. */
  UNEASY("-uneasy", 20, 4);

  private final String suffix;
  private final int firstByteSeconds;
  private final int silenceSeconds;

  Limits(String suffix, int firstByteSeconds, int silenceSeconds) {
    this.suffix = suffix;
    this.firstByteSeconds = firstByteSeconds;
    this.silenceSeconds = silenceSeconds;
  }

  /** At the end of the name of a provider that has them. */
  String suffix() {
    return suffix;
  }

  int firstByteSeconds() {
    return firstByteSeconds;
  }

  int silenceSeconds() {
    return silenceSeconds;
  }
}
