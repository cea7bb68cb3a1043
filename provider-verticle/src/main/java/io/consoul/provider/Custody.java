package io.consoul.provider;

import io.consoul.fault.FaultException;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;

/** Where an answer goes besides its listeners: into its session, under a lease, or nowhere. */
interface Custody {

  /** There may be something to report. */
  void look(Outbox outbox, long now);

  /** The answer has its end: nothing more is reported. */
  void close();

  /**
   * Somebody else goes on with it.
   *
   * @param rescues how often it went on so far
   * @return succeeds when somebody has it
   */
  Future<?> handOn(Outbox outbox, int rescues);

  /** Nothing was said. */
  Future<?> abort();

  /**
   * @param speaker whose answer it is
   * @param rescues how often it went on after its provider had failed in the middle of it
   * @param fault why the text is not the whole answer, or null
   * @return when the answer was taken
   */
  Future<Instant> seal(
      String text,
      FinishReason reason,
      Usage usage,
      Target speaker,
      int rescues,
      FaultException fault);

  /** How long the answer goes on with nobody listening. */
  Duration resumeWindow();
}
