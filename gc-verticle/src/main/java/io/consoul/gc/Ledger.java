package io.consoul.gc;

import io.consoul.message.GcRun;

/** What the collections of this instance have come to since its start. */
final class Ledger {

  private long fullRuns;
  private long expired;
  private long orphans;
  private long strays;
  private GcRun lastFullRun;

  void enter(GcRun run) {
    expired += run.expired();
    orphans += run.orphans();
    strays += run.strays();
    if (!run.orphansOnly()) {
      fullRuns++;
      lastFullRun = run;
    }
  }

  long fullRuns() {
    return fullRuns;
  }

  long expired() {
    return expired;
  }

  long orphans() {
    return orphans;
  }

  long strays() {
    return strays;
  }

  /** Or null. */
  GcRun lastFullRun() {
    return lastFullRun;
  }
}
