package io.consoul.provider.openai;

import io.consoul.provider.wire.Failures;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One token as OpenAI sends it, read. Most of it is the JSON of the chunk. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OpenAiReaderBenchmark {

  private static final int CHUNKS = 16;

  private static final String CHUNK =
      "data: {\"id\":\"chatcmpl-0123456789abcdef\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
          + "\"model\":\"gpt-4.1-mini\",\"system_fingerprint\":\"fp_0123456789\",\"choices\":[{\"index\":0,"
          + "\"delta\":{\"content\":\" example\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";

  private final Buffer one = Buffer.buffer(CHUNK);
  private final Buffer many = Buffer.buffer(CHUNK.repeat(CHUNKS));
  private OpenAiReader reader;
  private int read;

  @Setup
  public void prepare() {
    reader = new OpenAiReader(new Failures("openai", "gpt-4.1-mini", InstantSource.system()));
  }

  @Benchmark
  public String oneChunk() {
    return read(one, 1);
  }

  /** As a network under load brings them; the figure is for one of them. */
  @Benchmark
  @OperationsPerInvocation(CHUNKS)
  public String sixteenChunks() {
    return read(many, CHUNKS);
  }

  private String read(Buffer bytes, int chunks) {
    read += chunks;
    if (read > 10_000) { // a reader has a bound for what one answer may be
      prepare();
      read = 0;
    }
    reader.feed(bytes);
    return reader.reading().takeText();
  }
}
