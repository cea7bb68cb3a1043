package io.consoul.gateway;

import io.consoul.message.Delta;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import java.util.Random;
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

/** What the gateway does with each piece of an answer before it is framed. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReceiverBenchmark {

  private static final TurnId TURN = TurnId.mint(new SessionId("session-1"), new Random(1));
  private static final long FENCE = 7;
  private static final int MOST = 1 << 20;

  private Receiver receiver = new Receiver(0, 0);
  private int offset;

  @Benchmark
  public String takeAndHandOn() {
    if (offset > MOST) { // an answer is no longer than this
      receiver = new Receiver(0, 0);
      offset = 0;
    }
    Delta delta = new Delta(TURN, FENCE, offset, " example");
    offset = delta.end();
    if (!receiver.admits(FENCE) || !receiver.take(delta)) {
      throw new IllegalStateException("a piece in its order was not taken");
    }
    return receiver.handOn();
  }
}
