package io.consoul.acceptance.faults;

/** What becomes of a turn. */
enum Outcome {
  WHOLE,
  /** Whole, and marked as one that went on after it had broken off. */
  RESCUED,
  /** Nothing was said. */
  FAILS,
  /** Something was said and is kept, and a failure follows it. */
  INTERRUPTED
}
