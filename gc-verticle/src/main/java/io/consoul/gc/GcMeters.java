package io.consoul.gc;

import io.consoul.message.GcRun;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** What the collections of this node come to, in numbers that are there from the start. */
final class GcMeters {

  private final Counter runs;
  private final Counter deleted;
  private final Timer duration;

  GcMeters(MeterRegistry meters) {
    runs = Counter.builder("consoul_gc_runs").description("Full collections").register(meters);
    deleted = Counter.builder("consoul_gc_deleted")
        .description("Expired sessions removed by collections")
        .register(meters);
    duration = Timer.builder("consoul_gc_duration")
        .description("How long full collections took")
        .register(meters);
  }

  void enter(GcRun run) {
    deleted.increment(run.expired());
    if (!run.orphansOnly()) {
      runs.increment();
      duration.record(run.durationMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
