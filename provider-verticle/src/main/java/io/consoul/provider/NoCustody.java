package io.consoul.provider;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The answer is its listeners' alone: nothing is written about it, and without them it has no purpose. */
final class NoCustody implements Custody {

  private final InstantSource clock;

  NoCustody(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void look(Outbox outbox, long now) {}

  @Override
  public void close() {}

  @Override
  public Future<?> handOn(Outbox outbox, int rescues) {
    return Future.failedFuture(
        Fault.SERVER_BUSY.because("an answer that belongs to no session cannot be handed on"));
  }

  @Override
  public Future<?> abort() {
    return Future.succeededFuture();
  }

  @Override
  public Future<Instant> seal(
      String text,
      FinishReason reason,
      Usage usage,
      Target speaker,
      int rescues,
      FaultException fault) {
    return Future.succeededFuture(clock.instant());
  }

  @Override
  public Duration resumeWindow() {
    return Duration.ZERO;
  }
}
