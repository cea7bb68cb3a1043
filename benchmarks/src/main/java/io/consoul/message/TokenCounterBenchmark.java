package io.consoul.message;

import java.util.concurrent.TimeUnit;
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

/** Tokens are counted once for a turn, where the provider does not tell them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenCounterBenchmark {

  @Param({"100", "1000", "10000"})
  public int characters;

  private String text;

  @Setup
  public void prepare() {
    String sentence = "The quick brown fox jumps over the lazy dog, and 42 others (see below). ";
    text = sentence.repeat(characters / sentence.length() + 1).substring(0, characters);
    TokenCounter.load();
  }

  @Benchmark
  public int count() {
    return TokenCounter.count(text);
  }
}
