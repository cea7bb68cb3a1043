package io.consoul.launcher.logging;

import ch.qos.logback.classic.spi.LoggingEvent;
import io.consoul.trace.RequestContext;
import io.opentelemetry.api.trace.SpanContext;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/** Which request a line is about: fields that stand in it like those that whoever logs it gives. */
final class RequestFields {

  private static final String REQUEST = "request_id";
  private static final String TRACE = "trace_id";
  private static final String SPAN = "span_id";

  private RequestFields() {}

  /** To be called on the thread that logs it. */
  static void add(LoggingEvent line) {
    RequestContext request = RequestContext.current();
    add(line, REQUEST, request.requestId());
    SpanContext trace = request.trace();
    if (trace.isValid()) {
      add(line, TRACE, trace.getTraceId());
      add(line, SPAN, trace.getSpanId());
    }
  }

  /** What whoever logs the line has said itself stands. */
  private static void add(LoggingEvent line, String key, String value) {
    if (!value.isEmpty() && !has(line.getKeyValuePairs(), key)) {
      line.addKeyValuePair(new KeyValuePair(key, value));
    }
  }

  private static boolean has(List<KeyValuePair> fields, String key) {
    return fields != null && fields.stream().anyMatch(field -> field.key.equals(key));
  }
}
