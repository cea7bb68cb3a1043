package io.consoul.gateway.json;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A text as JSON: our own way, that tokens go, and that of the JSON library. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class JsonEscapeBenchmark {

  /** What answers are made of. */
  public enum Kind {
    TOKEN(" example"),
    PROSE("The quick brown fox jumps over the lazy dog. ".repeat(20)),
    CODE("if (a < \"b\") {\n\treturn c\\d;\n}\n".repeat(25)),
    ACCENTS("Grüße aus Zürich, déjà vu – 你好 🎉. ".repeat(25));

    private final String text;

    Kind(String text) {
      this.text = text;
    }
  }

  @Param
  public Kind kind;

  private final JsonBytes out = new JsonBytes();

  @Benchmark
  public Buffer own() {
    return out.escape(kind.text).take();
  }

  @Benchmark
  public Buffer library() {
    return Json.encodeToBuffer(kind.text);
  }
}
