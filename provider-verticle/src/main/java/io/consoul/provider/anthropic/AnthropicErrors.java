package io.consoul.provider.anthropic;

import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.ErrorJson;
import io.consoul.provider.wire.Failures;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.regex.Pattern;

/** Understands the errors of the messages API: by status before a stream, by type within it, and by words where these say more. */
final class AnthropicErrors {

  private static final Pattern TOO_LONG =
      Pattern.compile("prompt is too long|exceeds? (the )?context (limit|window|length)");

  private static final Pattern QUOTA =
      Pattern.compile("credit balance is too low|specified api usage limits");

  private static final Pattern FILTERED = Pattern.compile("blocked by content filtering");

  /** The words of an error's fields, in lower case and never null. */
  private record Words(String type, String message) {

    static Words of(JsonObject body) {
      JsonObject error =
          body.getValue("error") instanceof JsonObject inner ? inner : new JsonObject();
      return new Words(ErrorJson.word(error, "type"), ErrorJson.word(error, "message"));
    }

    boolean isTooLong() {
      return type.equals("request_too_large") || TOO_LONG.matcher(message).find();
    }

    boolean isAboutQuota() {
      return type.equals("billing_error") || QUOTA.matcher(message).find();
    }
  }

  private AnthropicErrors() {}

  static UpstreamFailure ofStatus(Failures failures, int status, MultiMap headers, Buffer body) {
    return Failures.heeding(
        headers,
        ofStatus(failures, status, failures.retryAfter(headers), Words.of(Failures.errorIn(body))));
  }

  private static UpstreamFailure ofStatus(
      Failures failures, int status, Duration retryAfter, Words words) {
    if (status >= 300 && status < 400) {
      return failures.redirected(status);
    }
    return switch (status) {
      case 401 -> failures.unauthorized(status);
      case 402 -> failures.quota();
      case 403 -> words.isAboutQuota() ? failures.quota() : failures.unauthorized(status);
      case 404 -> failures.noSuchModel();
      case 408 -> failures.unavailable(status, retryAfter);
      case 409 -> failures.conflict(retryAfter);
      case 413 -> failures.tooLong();
      case 429 -> words.isAboutQuota() ? failures.quota() : failures.rateLimited(retryAfter);
      default ->
        status >= 500 ? failures.unavailable(status, retryAfter) : refused(failures, status, words);
    };
  }

  static UpstreamFailure inStream(Failures failures, JsonObject event) {
    Words words = Words.of(event);
    return switch (words.type()) {
      case "rate_limit_error" ->
        words.isAboutQuota() ? failures.quota() : failures.rateLimited(null);
      case "authentication_error" -> failures.unauthorized(401);
      case "permission_error" -> failures.unauthorized(403);
      case "not_found_error" -> failures.noSuchModel();
      case "invalid_request_error", "request_too_large", "billing_error" ->
        refused(failures, 400, words);
      default -> failures.inStream();
    };
  }

  private static UpstreamFailure refused(Failures failures, int status, Words words) {
    if (words.isTooLong()) {
      return failures.tooLong();
    }
    if (words.isAboutQuota()) {
      return failures.quota();
    }
    return FILTERED.matcher(words.message()).find()
        ? failures.filtered()
        : failures.refused(status);
  }
}
