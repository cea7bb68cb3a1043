package io.consoul.launcher.tryout;

/** What the status tells that a process has ended with. */
final class Ending {

  /** A process that a signal has ended has this and the signal's number. */
  private static final int BY_SIGNAL = 128;

  private static final int KILL = 9;

  static String of(int status) {
    if (status == 0) {
      return "has stopped";
    }
    return status == BY_SIGNAL + KILL ? "was killed" : "has ended with status " + status;
  }

  private Ending() {}
}
