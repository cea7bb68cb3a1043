package io.consoul.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a token costs on its way out, against a tree of JSON objects for each. */
@Tag("long")
@DisplayName("A chunk of a stream")
class ChunkCostTest {

  private static final int TOKENS = 200;
  private static final int STREAMS = 5_000;
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final String[] WORDS = {" the", " \"quoted\"", "\n", " naïve", " 🙂", " token", "."
  };

  private record Cost(double nanos, double bytes) {}

  private static Cost of(ToLongFunction<Integer> stream) {
    long checked = 0;
    for (int i = 0; i < STREAMS / 4; i++) {
      checked += stream.applyAsLong(i);
    }
    long thread = Thread.currentThread().getId();
    long bytes = THREADS.getThreadAllocatedBytes(thread);
    long nanos = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < STREAMS; i++) {
      checked += stream.applyAsLong(i);
    }
    nanos = THREADS.getCurrentThreadCpuTime() - nanos;
    bytes = THREADS.getThreadAllocatedBytes(thread) - bytes;
    assertThat(checked).isPositive();
    double tokens = (double) STREAMS * TOKENS;
    return new Cost(nanos / tokens, bytes / tokens);
  }

  private static long written(int number) {
    ChunkWriter chunks = new ChunkWriter("chatcmpl-" + number, 1_780_000_000, "gpt-x", false);
    long length = 0;
    for (int i = 0; i < TOKENS; i++) {
      chunks.text(0, WORDS[i % WORDS.length]);
      length += chunks.take().length();
    }
    return length;
  }

  private static long built(int number) {
    long length = 0;
    for (int i = 0; i < TOKENS; i++) {
      JsonObject chunk = new JsonObject()
          .put("id", "chatcmpl-" + number)
          .put("object", "chat.completion.chunk")
          .put("created", 1_780_000_000)
          .put("model", "gpt-x")
          .put(
              "choices",
              new JsonArray()
                  .add(new JsonObject()
                      .put("index", 0)
                      .put("delta", new JsonObject().put("content", WORDS[i % WORDS.length]))
                      .put("logprobs", null)
                      .put("finish_reason", null)));
      length += Buffer.buffer("data: " + chunk.encode() + "\n\n").length();
    }
    return length;
  }

  @Test
  @DisplayName("costs a third of what it would as a tree of objects, at most")
  void cost() {
    Cost written = of(ChunkCostTest::written);
    Cost built = of(ChunkCostTest::built);
    System.out.printf(
        "a token written: %.0f ns, %.0f bytes; built: %.0f ns, %.0f bytes; %.1f times the time%n",
        written.nanos, written.bytes, built.nanos, built.bytes, built.nanos / written.nanos);
    assertThat(written.nanos).isLessThan(built.nanos / 3);
    assertThat(written.bytes).isLessThan(built.bytes / 3);
  }
}
