package io.consoul.provider.openai;

import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.Failures;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** Understands the errors of OpenAI and of servers that speak its language. */
final class OpenAiErrors {

  private OpenAiErrors() {}

  static UpstreamFailure ofStatus(Failures failures, int status, MultiMap headers, Buffer body) {
    ErrorWords words = ErrorWords.of(Failures.errorIn(body));
    return Failures.heeding(
        headers, ofStatus(failures, status, failures.retryAfter(headers), words));
  }

  private static UpstreamFailure ofStatus(
      Failures failures, int status, Duration retryAfter, ErrorWords words) {
    if (status >= 300 && status < 400) {
      return failures.redirected(status);
    }
    return switch (status) {
      case 401 -> failures.unauthorized(status);
      case 402 -> failures.quota();
      // Some moderators forbid what they do not like.
      case 403 ->
        words.isAboutQuota()
            ? failures.quota()
            : words.isAboutFilter() ? failures.filtered() : failures.unauthorized(status);
      case 404 -> failures.noSuchModel();
      case 408 -> failures.unavailable(status, retryAfter);
      case 409 -> failures.conflict(retryAfter);
      case 429 -> limited(failures, retryAfter, words);
      default ->
        status >= 500 ? failures.unavailable(status, retryAfter) : refused(failures, status, words);
    };
  }

  private static UpstreamFailure limited(Failures failures, Duration retryAfter, ErrorWords words) {
    if (words.isAboutQuota()) {
      return failures.quota();
    }
    // Larger than what the account may use in a whole minute: no pause helps.
    return words.isTooLarge() ? failures.tooLong() : failures.rateLimited(retryAfter);
  }

  static UpstreamFailure inStream(Failures failures, JsonObject chunk) {
    ErrorWords words = ErrorWords.of(chunk);
    if (words.isAboutQuota()) {
      return failures.quota();
    }
    if (words.isAboutRate()) {
      return failures.rateLimited(null);
    }
    if (words.isTooLong() || words.isAboutFilter()) {
      return refused(failures, 400, words);
    }
    int status = words.status();
    boolean isStatus = status >= 400 && status < 500 && status != 408 && status != 409;
    return isStatus ? ofStatus(failures, status, null, words) : failures.inStream();
  }

  private static UpstreamFailure refused(Failures failures, int status, ErrorWords words) {
    if (words.isTooLong() || words.isTooLarge()) {
      return failures.tooLong();
    }
    if (words.isAboutFilter()) {
      return failures.filtered();
    }
    if (words.isAboutQuota()) {
      return failures.quota();
    }
    return words.isAboutModel() ? failures.noSuchModel() : failures.refused(status);
  }
}
