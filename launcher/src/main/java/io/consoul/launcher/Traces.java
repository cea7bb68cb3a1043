package io.consoul.launcher;

import io.consoul.trace.Tracing;
import io.micrometer.core.instrument.Counter;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The spans of this node on their way to a collector. They wait in a queue that has an end: with no collector there, the newest are
 * dropped. Only loaded where traces are on.
 */
final class Traces {

  /** Spans; a few hundred bytes each. */
  private static final int QUEUE = 2_048;

  private static final Duration BETWEEN_EXPORTS = Duration.ofSeconds(1);

  private static final Duration EXPORT = Duration.ofSeconds(5);

  /** What the end of the process waits for the last of them. */
  private static final Duration FLUSH = Duration.ofSeconds(3);

  private final SdkTracerProvider provider;

  private Traces(SdkTracerProvider provider) {
    this.provider = provider;
  }

  /** @param dropped counts the spans that do not get to the collector */
  static Traces open(TracingConfig config, String nodeId, Counter dropped) {
    SpanRoom room = new SpanRoom(QUEUE, dropped);
    OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder()
        .setEndpoint(config.tracesUrl())
        .setTimeout(EXPORT)
        .setConnectTimeout(EXPORT)
        .setCompression("gzip")
        .setRetryPolicy(null); // what is lost is lost: nobody waits for a trace
    config.headerTable().forEach(exporter::addHeader);
    BatchSpanProcessor batches = BatchSpanProcessor.builder(
            new WatchedExporter(exporter.build(), config.endpoint(), room))
        .setMaxQueueSize(QUEUE)
        .setScheduleDelay(BETWEEN_EXPORTS)
        .setExporterTimeout(EXPORT)
        .build();
    return new Traces(SdkTracerProvider.builder()
        .setResource(Resource.getDefault().merge(Resource.create(about(config, nodeId))))
        // Whoever sends a trace along has decided whether it is recorded.
        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(config.sampleRatio())))
        .setSpanLimits(SpanLimits.builder().setMaxAttributeValueLength(512).build())
        .addSpanProcessor(new BoundedSpans(batches, room))
        .build());
  }

  Tracing tracing() {
    return new Tracing(provider
        .tracerBuilder("io.consoul")
        .setInstrumentationVersion(Main.version())
        .build());
  }

  /** Sends what is left, for as long as that may take. Blocks. */
  void close() {
    provider.shutdown().join(FLUSH.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Attributes about(TracingConfig config, String nodeId) {
    return Attributes.of(
        AttributeKey.stringKey("service.name"),
        config.serviceName(),
        AttributeKey.stringKey("service.version"),
        Main.version(),
        AttributeKey.stringKey("service.instance.id"),
        nodeId);
  }
}
