package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that puts a failure into the words of a client: error bodies and error events. */
final class ErrorBody {

  private static final Logger log = LoggerFactory.getLogger(ErrorBody.class);

  private ErrorBody() {}

  /** A defect of ours is logged by its class and place, and keeps its text to itself: it may quote a message. */
  static FaultException faultOf(Throwable failure) {
    if (failure instanceof FaultException known) {
      return known;
    }
    StackTraceElement[] trace = failure.getStackTrace();
    log.error(
        "a request failed on our side: {} at {}",
        failure.getClass().getName(),
        trace.length == 0 ? "an unknown place" : trace[0]);
    return Fault.INTERNAL_ERROR.because();
  }

  /** The body of an HTTP answer. */
  static JsonObject of(FaultException failure, InstantSource clock) {
    return event(failure)
        .put("retry_after", failure.retryAfter())
        .put("details", details(failure))
        .put("timestamp", timestamp(clock));
  }

  /** What an error event on a stream holds; {@code retry_after} only where there is one. */
  static JsonObject event(FaultException failure) {
    JsonObject event = new JsonObject()
        .put("code", failure.fault().code())
        .put("error", failure.fault().error())
        .put("message", failure.getMessage())
        .put("recoverable", failure.fault().recoverable());
    return failure.retryAfter() == null ? event : event.put("retry_after", failure.retryAfter());
  }

  /** An object where one thing is wrong, a list where there are several. */
  private static Object details(FaultException failure) {
    return failure.allDetails().size() > 1
        ? new JsonArray(failure.allDetails())
        : failure.details();
  }

  /** Now, as all bodies write it: ISO 8601 in UTC. */
  static String timestamp(InstantSource clock) {
    return timestamp(clock.instant());
  }

  static String timestamp(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
