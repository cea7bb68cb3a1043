package io.consoul.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to count a request with its labels: meters that are at hand, and meters that are looked up in the registry every time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GatewayMetersBenchmark {

  private static final Duration TOOK = Duration.ofMillis(12);

  private final MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter count = count();
  private final Timer latency = latency();

  @Benchmark
  public void atHand() {
    count.increment();
    latency.record(TOOK);
  }

  @Benchmark
  public void lookedUp() {
    count().increment();
    latency().record(TOOK);
  }

  private Counter count() {
    return Counter.builder("consoul_request")
        .tag("endpoint", "/chat")
        .tag("method", "POST")
        .tag("status", "200")
        .tag("model", "gpt-4.1-mini")
        .register(registry);
  }

  private Timer latency() {
    return Timer.builder("consoul_request_latency")
        .tag("endpoint", "/chat")
        .tag("method", "POST")
        .serviceLevelObjectives(
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60))
        .register(registry);
  }
}
