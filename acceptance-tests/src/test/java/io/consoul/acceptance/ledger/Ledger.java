package io.consoul.acceptance.ledger;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What all clients were told, and what none of them should have been. Threads may add at any time. */
final class Ledger {

  private static final int TELLING = 20;

  private final Queue<LedgerEntry> entries = new ConcurrentLinkedQueue<>();
  private final Queue<String> problems = new ConcurrentLinkedQueue<>();

  void note(LedgerEntry entry) {
    entries.add(entry);
  }

  void problem(String what) {
    problems.add(what);
  }

  /** Whether so much was acknowledged that it is worth checking. */
  boolean isTelling() {
    return entries.stream()
            .filter(entry -> entry.outcome() == LedgerEntry.Outcome.ACKNOWLEDGED)
            .count()
        > TELLING;
  }

  List<LedgerEntry> entries() {
    return List.copyOf(entries);
  }

  List<String> problems() {
    return List.copyOf(problems);
  }
}
