package io.consoul.provider.health;

import io.consoul.fault.FaultException;
import java.time.Duration;
import java.time.InstantSource;
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

/** What the circuit breaker adds to a call: it is shared by all event loops of a node. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BreakerBenchmark {

  private static final Duration LONG = Duration.ofHours(1);

  /** Shared by all threads. */
  @State(Scope.Benchmark)
  public static class Breakers {

    private final Breaker closed = breaker();
    private final Breaker open = breaker();

    @Setup
    public void prepare() {
      open.admit().failed();
    }

    private static Breaker breaker() {
      return new Breaker(
          new BreakerConfig(true, 1, 3, LONG, 3),
          LONG,
          InstantSource.system(),
          () -> 3,
          change -> {});
    }
  }

  @Benchmark
  public void admitAndSucceed(Breakers breakers) {
    breakers.closed.admit().succeeded();
  }

  @Benchmark
  @Threads(2)
  public void admitAndSucceedOnTwoThreads(Breakers breakers) {
    breakers.closed.admit().succeeded();
  }

  @Benchmark
  public Object refuse(Breakers breakers) {
    try {
      return breakers.open.admit();
    } catch (FaultException refused) {
      return refused;
    }
  }
}
