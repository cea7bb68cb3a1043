package io.consoul.provider.wire;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * All that was read of a stream, to be compared.
 *
 * @param fails why it is no whole answer, or null
 */
public record Outcome(
    String text,
    List<Aside> asides,
    FinishReason finishReason,
    Usage usage,
    Cause fails,
    String faultMessage,
    int malformed,
    boolean done) {

  /** What a call makes of an {@link Overflow}. */
  private static final UpstreamFailure UNREADABLE =
      new Failures("p", "m", InstantSource.system()).unreadable();

  /** What a stream comes to that arrives at once. */
  public static Outcome of(AnswerReader reader, byte[] bytes) {
    return of(reader, bytes, left -> left);
  }

  /** @param next gives the size of the next read from what is left */
  public static Outcome of(AnswerReader reader, byte[] bytes, IntUnaryOperator next) {
    StringBuilder text = new StringBuilder();
    List<Aside> asides = new ArrayList<>();
    Reading reading = reader.reading();
    boolean overflowed = false;
    try {
      Buffer all = Buffer.buffer(bytes);
      int start = 0;
      while (start < bytes.length) {
        int end = start + Math.min(bytes.length - start, next.applyAsInt(bytes.length - start));
        reader.feed(all.getBuffer(start, end));
        asides.addAll(reading.takeAsides());
        text.append(reading.takeText());
        start = end;
      }
      reader.end();
    } catch (Overflow overflow) {
      overflowed = true;
    }
    asides.addAll(reading.takeAsides());
    text.append(reading.takeText());
    UpstreamFailure failure = overflowed ? UNREADABLE : reading.shortcoming();
    return new Outcome(
        text.toString(),
        asides,
        reading.finishReason(),
        reading.usage(),
        failure == null ? null : failure.cause(),
        failure == null ? null : failure.fault().getMessage(),
        reading.malformed(),
        reading.isDone());
  }

  /** Whether it counts as an answer. */
  public boolean isWhole() {
    return fails == null;
  }
}
