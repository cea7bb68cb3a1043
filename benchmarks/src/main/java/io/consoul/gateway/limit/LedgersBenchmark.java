package io.consoul.gateway.limit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The rate limit of a request, in the memory of a node. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LedgersBenchmark {

  private static final long MICROS = 1_000_000;

  @Param
  public Strategy strategy;

  /** Charges that a window holds when it is full. */
  @Param({"10", "1000"})
  public int limit;

  private final String[] callers = IntStream.range(0, 10_000)
      .mapToObj(i -> "10.0." + i / 256 + "." + i % 256)
      .toArray(String[]::new);

  private Ledgers ledgers;
  private List<Window> windows;
  private long now = 1_790_000_000L * MICROS;
  private int next;

  @Setup
  public void prepare() {
    ledgers = new Ledgers(16, 100_000, 10_000_000);
    windows = List.of(new Window(limit, Duration.ofMinutes(1)));
  }

  /** Each lets one charge leave its window. */
  @Benchmark
  public Verdict oneCallerAtItsLimit() {
    now += 60 * MICROS / limit;
    return ledgers.charge("10.0.0.1", windows, strategy, 1, now);
  }

  /** Most of them are refused: no time goes by to speak of. */
  @Benchmark
  public Verdict oneCallerAboveIt() {
    return ledgers.charge("10.0.0.2", windows, strategy, 1, now++);
  }

  @Benchmark
  public Verdict tenThousandCallersInTurn() {
    next = (next + 1) % callers.length;
    now += 100;
    return ledgers.charge(callers[next], windows, strategy, 1, now);
  }
}
