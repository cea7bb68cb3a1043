package io.consoul.node;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * How long the verticles of this node may let their work finish when they are stopped: one deadline for all of them
 * together. Nobody has any time before it has begun.
 */
public final class Drain {

  private final InstantSource clock;
  private volatile Instant deadline = Instant.MIN;

  Drain(InstantSource clock) {
    this.clock = clock;
  }

  /** Call it before the first verticle is stopped. */
  public void begin(Duration limit) {
    deadline = clock.instant().plus(limit);
  }

  /** What is left of it, zero when it is over. */
  public Duration left() {
    Instant now = clock.instant();
    return deadline.isAfter(now) ? Duration.between(now, deadline) : Duration.ZERO;
  }
}
