package io.consoul.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.consoul.testkit.LoggedBy;
import io.consoul.trace.Tracing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayName("Traces whose collector does not take them")
class TracesTest {

  private static final int SPANS = 20_000;

  /** What may still be in the queue or on its way when all is over. */
  private static final int WAITING = 2_048 + 512;

  private final Counter dropped = new SimpleMeterRegistry().counter("dropped");

  /** Many times as long as it takes. */
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  @DisplayName("make nobody wait, and the end of the process not for long, and are counted")
  void silent() throws Exception {
    try (LoggedBy<WatchedExporter> log = new LoggedBy<>(WatchedExporter.class)) {
      long begun = System.nanoTime();
      try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
        trace(URI.create("http://127.0.0.1:" + silent.getLocalPort()));
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LONG);
      // It is closed, so whoever waits for its answer knows that none comes.
      await().atMost(LONG).ignoreExceptions().until(() -> log.lines().size() == 1);
      await().until(() -> dropped.count() >= SPANS - WAITING);
      assertThat(dropped.count()).isLessThanOrEqualTo(SPANS);
    }
  }

  private void trace(URI collector) {
    Traces traces = Traces.open(
        new TracingConfig(true, collector, "consoul", Optional.empty(), 1.0), "node", dropped);
    Tracing tracing = traces.tracing();
    for (int i = 0; i < SPANS; i++) {
      tracing.span("turn", SpanKind.SERVER, Span.getInvalid()).startSpan().end();
    }
    traces.close();
  }

  @Test
  @DisplayName("are told of once, and once when it does, whatever is wrong with it")
  void told() {
    ((Logger) LoggerFactory.getLogger(WatchedExporter.class)).setLevel(Level.INFO);
    Flaky collector = new Flaky();
    try (WatchedExporter watched = new WatchedExporter(
            collector, URI.create("http://c:4318"), new SpanRoom(WAITING, dropped));
        LoggedBy<WatchedExporter> log = new LoggedBy<>(WatchedExporter.class)) {
      List<Supplier<CompletableResultCode>> answers = List.of(
          CompletableResultCode::ofSuccess,
          () -> {
            throw new IllegalArgumentException("no such header");
          },
          CompletableResultCode::ofFailure,
          CompletableResultCode::ofFailure,
          CompletableResultCode::ofSuccess,
          CompletableResultCode::ofSuccess);
      for (Supplier<CompletableResultCode> answer : answers) {
        collector.answer = answer;
        watched.export(List.of());
      }

      assertThat(log.lines())
          .satisfiesExactly(
              down -> assertThat(down).contains("http://c:4318 takes no traces"),
              up -> assertThat(up).contains("http://c:4318 takes traces again"));
    }
  }

  private static final class Flaky implements SpanExporter {

    private Supplier<CompletableResultCode> answer;

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      return answer.get();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
