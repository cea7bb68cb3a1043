package io.consoul.message;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Random;
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

/** What a message costs on its way to another node, without the network: the frame written, and read. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BusCodecBenchmark {

  /** The messages that matter: one for each piece of an answer, and the two that carry texts of a turn's beginning. */
  public enum Message {
    DELTA,
    BEGIN_TURN,
    ANSWER_TURN_10,
    ANSWER_TURN_200
  }

  private static final TurnId TURN = TurnId.mint(new SessionId("session-1"), new Random(1));
  private static final Listener LISTENER = new Listener("gateway-inbox", 16_384);
  private static final String TEXT =
      "A message of the length that people write, with \"quotes\" in it. ".repeat(5);

  @Param
  public Message message;

  private final BusCodec codec = new BusCodec();
  private BusMessage sent;
  private Buffer frame;

  @Setup
  public void prepare() {
    sent = switch (message) {
      case DELTA -> new Delta(TURN, 1_790_000_000_123L, 4_711, " example");
      case BEGIN_TURN -> new BeginTurn(TURN, Tenant.DEFAULT, TEXT, "openai/gpt", LISTENER);
      case ANSWER_TURN_10 -> order(10);
      case ANSWER_TURN_200 -> order(200);
    };
    frame = encode();
  }

  @Benchmark
  public Buffer encode() {
    Buffer wire = Buffer.buffer();
    codec.encodeToWire(wire, sent);
    return wire;
  }

  @Benchmark
  public BusMessage decode() {
    return codec.decodeFromWire(0, frame);
  }

  private static AnswerTurn order(int messages) {
    List<ChatMessage> history = IntStream.range(0, messages)
        .mapToObj(i -> i % 2 == 0 ? ChatMessage.user(TEXT) : ChatMessage.assistant(TEXT))
        .toList();
    return new AnswerTurn(
        TURN,
        Tenant.DEFAULT,
        1_790_000_000_123L,
        "token",
        "openai/gpt",
        Settings.NONE,
        history,
        LISTENER,
        "session-inbox",
        Instant.parse("2026-01-02T03:04:05Z"));
  }
}
