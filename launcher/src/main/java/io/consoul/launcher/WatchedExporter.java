package io.consoul.launcher;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells once when the collector takes no spans, and once when it takes them again; counts those that it does not take. */
final class WatchedExporter implements SpanExporter {

  private static final Logger log = LoggerFactory.getLogger(WatchedExporter.class);

  /** It tells of every failure, past our log. Held, for java.util.logging forgets what nobody holds. */
  private static final java.util.logging.Logger TALKATIVE =
      java.util.logging.Logger.getLogger("io.opentelemetry");

  private final SpanExporter exporter;
  private final URI collector;
  private final SpanRoom room;
  private final AtomicBoolean down = new AtomicBoolean();

  WatchedExporter(SpanExporter exporter, URI collector, SpanRoom room) {
    TALKATIVE.setLevel(Level.OFF);
    this.exporter = exporter;
    this.collector = collector;
    this.room = room;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    room.leave(spans.size());
    CompletableResultCode result = send(spans);
    result.whenComplete(() -> {
      if (!result.isSuccess()) {
        room.refused(spans.size());
      }
      told(result.isSuccess());
    });
    return result;
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }

  private CompletableResultCode send(Collection<SpanData> spans) {
    try {
      return exporter.export(spans);
    } catch (RuntimeException refused) { // who calls would pass over it without a word
      return CompletableResultCode.ofFailure();
    }
  }

  private void told(boolean taken) {
    if (!down.compareAndSet(taken, !taken)) {
      return;
    }
    if (taken) {
      log.info("the collector at {} takes traces again", collector);
    } else {
      log.warn(
          "the collector at {} takes no traces; they are dropped until it does. OTEL_EXPORTER_OTLP_ENDPOINT"
              + " names another one, and CONSOUL_OBSERVABILITY_OTEL_ENABLED=false does without",
          collector);
    }
  }
}
