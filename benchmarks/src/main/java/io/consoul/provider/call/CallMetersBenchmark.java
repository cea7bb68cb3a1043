package io.consoul.provider.call;

import io.consoul.provider.ProviderConfig;
import io.consoul.provider.Upstream;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What the meters of a call to a provider cost; they are written once for a turn, and nothing is for each of its tokens. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallMetersBenchmark {

  private static final Duration HEAD = Duration.ofMillis(120);
  private static final Duration FIRST = Duration.ofMillis(340);

  private CallMeters meters;

  @Setup
  public void prepare() {
    JsonObject entry =
        new JsonObject().put("baseUrl", "http://127.0.0.1:1/v1").put("apiKey", "any");
    Upstream upstream =
        ProviderConfig.from(new JsonObject().put("openai", entry)).upstreams().get(0);
    MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    meters = new CallMeters(upstream, registry);
  }

  @Benchmark
  public void headAndFirstToken() {
    meters.head("gpt-4.1-mini", HEAD);
    meters.firstToken("gpt-4.1-mini", FIRST);
  }

  @Benchmark
  @Threads(2)
  public void headAndFirstTokenOnTwoThreads() {
    meters.head("gpt-4.1-mini", HEAD);
    meters.firstToken("gpt-4.1-mini", FIRST);
  }

  @Benchmark
  public void headOfAnUnknownModel() {
    meters.head("of-somebody", HEAD);
  }
}
