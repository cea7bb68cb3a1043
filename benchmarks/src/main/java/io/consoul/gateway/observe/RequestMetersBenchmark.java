package io.consoul.gateway.observe;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What the meters of a request cost: written at its head and its end, and not for each token of its answer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestMetersBenchmark {

  private static final long HEAD_NANOS = 12_000_000;
  private static final long END_NANOS = 2_400_000_000L;

  private final RequestMeters meters =
      new RequestMeters(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));

  @Benchmark
  public void whole() {
    meters.headSent(Endpoint.CHAT, Verb.POST, HEAD_NANOS);
    meters.finished(Endpoint.CHAT, Verb.POST, 200, "gpt-4.1-mini");
  }

  @Benchmark
  public void stream() {
    meters.headSent(Endpoint.CHAT_STREAM, Verb.POST, HEAD_NANOS);
    meters.streamEnded(Endpoint.CHAT_STREAM, END_NANOS);
    meters.finished(Endpoint.CHAT_STREAM, Verb.POST, 200, "gpt-4.1-mini");
  }

  @Benchmark
  @Threads(2)
  public void wholeOnTwoThreads() {
    whole();
  }
}
