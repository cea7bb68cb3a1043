package io.consoul.launcher;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * How late the event loops are: each of them is asked for a sign of life ten times a second, and how much later than that it
 * comes is entered. One that gives none at all for a while is blocked.
 */
final class EventLoopLag implements AutoCloseable {

  private static final Duration PERIOD = Duration.ofMillis(100);

  /** As long as Vert.x waits before it warns of a blocked thread. */
  static final Duration BLOCKED = Duration.ofSeconds(2);

  private static final Duration[] BUCKETS = LongStream.of(
          1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000)
      .mapToObj(Duration::ofMillis)
      .toArray(Duration[]::new);

  /** One event loop; {@link #due} is read on other threads. */
  private static final class Pulse {

    private final Timer lag;
    private volatile long due = System.nanoTime() + PERIOD.toNanos();
    private Future<?> beats;

    private Pulse(Timer lag) {
      this.lag = lag;
    }

    private void beat() {
      long now = System.nanoTime();
      lag.record(Math.max(0, now - due), TimeUnit.NANOSECONDS);
      due = now + PERIOD.toNanos();
    }

    private boolean isLateFor(Duration time) {
      return System.nanoTime() - due > time.toNanos();
    }
  }

  private final List<Pulse> pulses = new ArrayList<>();
  private final Duration blocked;

  /** @param blocked how long an event loop has run nothing that counts as blocked */
  EventLoopLag(Vertx vertx, MeterRegistry registry, Duration blocked) {
    this.blocked = blocked;
    Timer lag = Timer.builder("consoul_event_loop_lag")
        .description("How much later than asked for the event loops of this node ran a task")
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
    for (EventExecutor loop : ((VertxInternal) vertx).eventLoopGroup()) {
      Pulse pulse = new Pulse(lag);
      pulse.beats = loop.scheduleWithFixedDelay(
          pulse::beat, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
      pulses.add(pulse);
    }
    Gauge.builder("consoul_event_loops_blocked", this, EventLoopLag::blocked)
        .description("Event loops of this node that have run nothing for two seconds")
        .strongReference(true)
        .register(registry);
  }

  private double blocked() {
    return pulses.stream().filter(pulse -> pulse.isLateFor(blocked)).count();
  }

  @Override
  public void close() {
    pulses.forEach(pulse -> pulse.beats.cancel(false));
  }
}
