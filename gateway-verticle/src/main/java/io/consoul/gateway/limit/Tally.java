package io.consoul.gateway.limit;

/** What one caller was charged within one window. Times are in microseconds since 1970. */
interface Tally {

  static Tally of(Window window, Strategy strategy) {
    long length = micros(window);
    return switch (kind(window, strategy)) {
      case LOG -> new ChargeLog(length);
      case SLOTS -> new ChargeSlots(length);
      case FIXED -> new FixedTally(length);
    };
  }

  /** Whether it goes on counting for a window of the same length whose limit has changed. */
  default boolean suits(Window window, Strategy strategy) {
    return kind() == kind(window, strategy) && length() == micros(window);
  }

  WindowKind kind();

  long length();

  /** Forgets what does not count any more. A clock that goes back makes nothing count for longer than one length from now. */
  void forget(long now);

  /** What counts, as of the last {@link #forget}. */
  long used();

  /** At most {@link WindowKind#MAX_LOG} at a time where charges are logged. */
  void add(int cost, long now);

  /** How long it takes until no more than this counts if nothing is added. */
  long until(long rest, long now);

  /** How many charges it has room to remember by their time. */
  int room();

  private static WindowKind kind(Window window, Strategy strategy) {
    return WindowKind.of(window, strategy == Strategy.MOVING_WINDOW);
  }

  private static long micros(Window window) {
    return window.length().toSeconds() * 1_000_000;
  }
}
