package io.consoul.gateway;

import io.consoul.gateway.limit.Verdict;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/** How the limits stand, in the words that OpenAI's clients read. */
final class V1LimitHeaders {

  private V1LimitHeaders() {}

  static void tell(HttpServerResponse response, Verdict verdict) {
    response
        .putHeader("x-ratelimit-limit-requests", Integer.toString(verdict.limit()))
        .putHeader("x-ratelimit-remaining-requests", Integer.toString(verdict.remaining()))
        .putHeader("x-ratelimit-reset-requests", text(verdict.reset()));
    if (!verdict.admitted() && !verdict.isForGood()) {
      // Rounded up: whoever came a moment too early would be refused once more.
      response.putHeader(
          "retry-after-ms",
          Long.toString(verdict.retryAfter().plusNanos(999_999).toMillis()));
    }
  }

  /** As Go writes a duration: {@code 120ms}, {@code 1.5s}, {@code 6m0s}, {@code 1h0m0s}. */
  static String text(Duration time) {
    long millis = time.toMillis();
    if (millis < 1_000) {
      return millis + "ms";
    }
    StringBuilder text = new StringBuilder();
    if (time.toHours() > 0) {
      text.append(time.toHours()).append('h');
    }
    if (time.toMinutes() > 0) {
      text.append(time.toMinutesPart()).append('m');
    }
    text.append(time.toSecondsPart());
    // Without a formatter: this is told with every answer.
    int rest = time.toMillisPart();
    if (rest > 0) {
      text.append('.');
      for (int unit = 100; rest > 0; unit /= 10) {
        text.append(rest / unit);
        rest %= unit;
      }
    }
    return text.append('s').toString();
  }
}
