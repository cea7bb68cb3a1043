package io.consoul.provider.call;

import io.consoul.message.Aside;
import io.consoul.message.FinishReason;
import io.consoul.message.Usage;
import io.consoul.provider.CompletionSink;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.AnswerReader;
import io.consoul.provider.wire.Failures;
import io.consoul.provider.wire.Overflow;
import io.consoul.provider.wire.Reading;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The body of a good response: what it says goes to the sink as it comes, but for its end. */
final class AnswerBody {

  private static final Logger log = LoggerFactory.getLogger(AnswerBody.class);

  private final Line line;
  private final String model;
  private final Failures failures;
  private final CompletionSink sink;
  private final BooleanSupplier isHeard;
  private final AnswerReader reader;
  private final Reading reading;
  private final Instant wanted;
  private boolean spoke;
  private boolean named;

  /** @param isHeard whether the sink still wants to know; it may have had enough in the midst of a read */
  AnswerBody(
      Line line, String model, Failures failures, CompletionSink sink, BooleanSupplier isHeard) {
    this.line = line;
    this.model = model;
    this.failures = failures;
    this.sink = sink;
    this.isHeard = isHeard;
    this.reader = line.format().reader(failures);
    this.reading = reader.reading();
    this.wanted = line.clock().instant();
  }

  /** Returns why it cannot be read any further, or null. */
  UpstreamFailure feed(Buffer chunk) {
    return read(() -> reader.feed(chunk));
  }

  /** Nothing more comes. Returns why that cannot be read, or null. */
  UpstreamFailure end() {
    return read(reader::end);
  }

  /** Whether whatever else comes does not matter any more. */
  boolean isSettled() {
    return reading.isSettled();
  }

  /** Whether the server has said that nothing more comes. */
  boolean isDone() {
    return reading.isDone();
  }

  /** Whether it is whole, even if the rest should be missing. */
  boolean isFinished() {
    return reading.isFinished();
  }

  /** Why it is no answer as it stands, or null. */
  UpstreamFailure shortcoming() {
    return reading.shortcoming();
  }

  FinishReason finishReason() {
    return reading.finishReason();
  }

  /** Null when the server did not tell. */
  Usage usage() {
    return reading.usage();
  }

  /** To be called once, when no more is read. */
  void countMalformed() {
    int malformed = reading.malformed();
    if (malformed > 0) {
      line.meters().malformed(malformed);
      log.warn(
          "provider {} sent {} malformed chunks, passed over", line.upstream().name(), malformed);
    }
  }

  private UpstreamFailure read(Runnable step) {
    try {
      step.run();
      tell();
      return null;
    } catch (Overflow overflow) {
      log.debug("provider {} sent an event without end", line.upstream().name());
      tell();
      return failures.unreadable();
    } catch (RuntimeException defect) {
      // Its message may quote the answer.
      log.error(
          "what provider {} sent broke its reader or the sink: {}",
          line.upstream().name(),
          defect.getClass().getName());
      return failures.broken();
    }
  }

  /** What one read has brought travels as one piece. */
  private void tell() {
    if (!named && reading.model() != null && isHeard.getAsBoolean()) {
      named = true;
      sink.answeredBy(reading.model());
    }
    for (Aside aside : reading.takeAsides()) {
      if (isHeard.getAsBoolean()) {
        sink.aside(aside);
      }
    }
    String text = reading.takeText();
    if (!text.isEmpty() && isHeard.getAsBoolean()) {
      if (!spoke) {
        spoke = true;
        line.meters().firstToken(model, Duration.between(wanted, line.clock().instant()));
      }
      sink.text(text);
    }
  }
}
