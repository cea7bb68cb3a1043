package io.consoul.session;

import io.consoul.message.FinishReason;
import io.consoul.message.SealTurn;
import io.consoul.message.Swept;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts turns that were cut off: those that their providers seal as interrupted, and those that a collection settles because
 * their provider is gone. One that the next turn of its session settles first is not seen here.
 */
final class InterruptedTurns {

  private final Counter counter;

  InterruptedTurns(MeterRegistry meters) {
    counter = Counter.builder("consoul_turns_interrupted")
        .description("Turns that were cut off before their end")
        .register(meters);
  }

  void sealed(SealTurn seal) {
    if (seal.finishReason() == FinishReason.INTERRUPTED) {
      counter.increment();
    }
  }

  void swept(Swept step) {
    counter.increment(step.orphans());
  }
}
