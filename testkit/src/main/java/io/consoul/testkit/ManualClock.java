package io.consoul.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands still until a test moves it. */
public final class ManualClock implements InstantSource {

  private final AtomicReference<Instant> now;

  public ManualClock() {
    this(Instant.parse("2026-01-01T00:00:00Z"));
  }

  public ManualClock(Instant start) {
    now = new AtomicReference<>(start);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  public ManualClock set(Instant instant) {
    now.set(instant);
    return this;
  }

  public ManualClock advance(Duration by) {
    now.updateAndGet(instant -> instant.plus(by));
    return this;
  }
}
