package io.consoul.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.consoul.gateway.json.JsonBytes;
import io.consoul.message.SessionId;
import io.consoul.message.TurnId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
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

/** One token as a server-sent event: put together as {@link EventStream} does it, and by way of a JSON object. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EventFrameBenchmark {

  private static final TurnId TURN = TurnId.mint(new SessionId("session-1"), new Random(1));
  private static final byte[] ID = "id: ".getBytes(US_ASCII);
  private static final byte[] TOKEN = "\nevent: token\ndata: {\"text\":\"".getBytes(US_ASCII);
  private static final byte[] OFFSET = "\",\"offset\":".getBytes(US_ASCII);
  private static final byte[] END = "}\n\n".getBytes(US_ASCII);

  private final JsonBytes out = new JsonBytes();
  private String text = " example";
  private int offset = 4_711;

  @Benchmark
  public Buffer bytes() {
    return out.put(ID)
        .put(new LastEventId(TURN, 0, offset + text.length()).text().getBytes(US_ASCII))
        .put(TOKEN)
        .escape(text)
        .put(OFFSET)
        .put(offset)
        .put(END)
        .take();
  }

  @Benchmark
  public Buffer object() {
    JsonObject data = new JsonObject().put("text", text).put("offset", offset);
    return Buffer.buffer("id: " + new LastEventId(TURN, 0, offset + text.length()).text()
        + "\nevent: token\ndata: " + data.encode() + "\n\n");
  }
}
