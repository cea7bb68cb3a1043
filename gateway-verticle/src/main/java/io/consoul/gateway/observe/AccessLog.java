package io.consoul.gateway.observe;

import io.consoul.gateway.key.Caller;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** One line for everything that was asked and is finished. What probes ask all the time is left out, unless for debugging. */
final class AccessLog {

  private static final Logger log = LoggerFactory.getLogger("io.consoul.access");

  private static final long NANOS_PER_TENTH = 100_000;

  private final BooleanSupplier on;

  /** @param on asked each time */
  AccessLog(BooleanSupplier on) {
    this.on = on;
  }

  /** Empty where nobody would read it. */
  Optional<Line> line(Endpoint endpoint) {
    boolean probe = endpoint == Endpoint.HEALTH || endpoint == Endpoint.READY;
    Level level = probe ? Level.DEBUG : Level.INFO;
    return on.getAsBoolean() && log.isEnabledForLevel(level)
        ? Optional.of(new Line(log.atLevel(level)))
        : Optional.empty();
  }

  /** What is known of one request, as it is added; what is null is left out. */
  static final class Line {

    private final LoggingEventBuilder event;
    private String message;

    private Line(LoggingEventBuilder event) {
      this.event = event;
    }

    Line of(Origin origin, String method, int status, long nanos) {
      message = method + " " + origin.path() + " " + status;
      return with("method", method)
          .with("path", origin.path())
          .with("status", status)
          .with("duration_ms", Math.round((double) nanos / NANOS_PER_TENTH) / 10.0)
          .with("client", origin.client())
          .with("user_agent", origin.userAgent())
          .with("request_id", origin.requestId());
    }

    /** @param caller null for one who was not let in */
    Line by(Caller caller) {
      return caller == null || caller.isAnonymous()
          ? this
          : with("api_key_id", caller.keyId()).with("tenant", caller.tenant().name());
    }

    Line with(String key, Object value) {
      if (value != null) {
        event.addKeyValue(key, value);
      }
      return this;
    }

    void write() {
      event.log(message);
    }
  }
}
