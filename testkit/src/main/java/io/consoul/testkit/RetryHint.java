package io.consoul.testkit;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** When to ask again, as a refusal tells it. Gemini has its own place for it, in the body. */
record RetryHint(Form form, Duration pause) {

  enum Form {
    SECONDS,
    DATE,
    MILLIS
  }

  void putInto(MultiMap headers, ProviderKind kind) {
    if (kind == ProviderKind.GEMINI) {
      return;
    }
    switch (form) {
      case SECONDS -> headers.set("Retry-After", String.valueOf(pause.toSeconds()));
      // A second more than asked for: a date has no fractions.
      case DATE ->
        headers.set(
            "Retry-After",
            DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plus(pause).plusSeconds(1)));
      case MILLIS -> headers.set("retry-after-ms", String.valueOf(pause.toMillis()));
    }
  }

  /** As Gemini's RetryInfo writes it: "37s", "1.5s". */
  String retryDelay() {
    long millis = pause.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis / 1000.0 + "s";
  }
}
