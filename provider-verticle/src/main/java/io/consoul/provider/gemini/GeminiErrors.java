package io.consoul.provider.gemini;

import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.consoul.provider.wire.ErrorJson;
import io.consoul.provider.wire.Failures;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Understands Google's errors: a status, and details of several kinds. */
final class GeminiErrors {

  private static final Pattern TOO_LONG_IN_WORDS = Pattern.compile(
      "(input|prompt) token count.*(exceed|supports? (only )?up to)", Pattern.DOTALL);

  /** What is known of an error: its words in lower case, never null. */
  private record Words(int code, String status, String message, List<JsonObject> details) {

    boolean hasReason(String reason) {
      return details.stream().anyMatch(detail -> reason.equals(detail.getValue("reason")));
    }

    boolean isTooLong() {
      return TOO_LONG_IN_WORDS.matcher(message).find();
    }

    boolean isAboutKey() {
      return hasReason("API_KEY_INVALID") || message.contains("api key not valid");
    }

    /** Not of a 429: Google mentions billing in every one. */
    boolean isAboutBilling() {
      return hasReason("BILLING_DISABLED") || message.contains("billing");
    }

    /** Those of a minute are over soon, those of a day are not. */
    boolean isQuotaOfTheDay() {
      for (JsonObject detail : details) {
        if (detail.getValue("violations") instanceof JsonArray violations) {
          for (Object each : violations) {
            if (each instanceof JsonObject violation
                && violation.getValue("quotaId") instanceof String id
                && id.contains("PerDay")) {
              return true;
            }
          }
        }
      }
      return false;
    }

    /** What {@code RetryInfo} says, such as {@code 37s} or {@code 1.5s}, or null. */
    Duration retryDelay() {
      for (JsonObject detail : details) {
        if (detail.getValue("retryDelay") instanceof String delay && delay.endsWith("s")) {
          try {
            double seconds = Double.parseDouble(delay.substring(0, delay.length() - 1));
            return Failures.sane(seconds * 1_000);
          } catch (NumberFormatException other) {
            return null;
          }
        }
      }
      return null;
    }
  }

  private GeminiErrors() {}

  static UpstreamFailure ofStatus(Failures failures, int status, MultiMap headers, Buffer body) {
    JsonObject parsed = parse(body.toString());
    Words words = words(parsed == null ? new JsonObject() : parsed);
    Duration delay = words.retryDelay();
    return of(failures, status, words, delay == null ? failures.retryAfter(headers) : delay);
  }

  /** Such an error brings its status along. */
  static UpstreamFailure inStream(Failures failures, JsonObject chunk) {
    Words words = words(chunk);
    int status = words.status().equals("resource_exhausted") ? 429 : words.code();
    if (status < 400 || status >= 500) {
      return failures.inStream();
    }
    UpstreamFailure failure = of(failures, status, words, words.retryDelay());
    // What was accepted at first is not the request's fault.
    return failure.cause() == Cause.REFUSED ? failures.inStream() : failure;
  }

  private static UpstreamFailure of(
      Failures failures, int status, Words words, Duration retryAfter) {
    if (status >= 300 && status < 400) {
      return failures.redirected(status);
    }
    return switch (status) {
      case 401 -> failures.unauthorized(status);
      case 402 -> failures.quota();
      case 403 -> words.isAboutBilling() ? failures.quota() : failures.unauthorized(status);
      case 404 -> failures.noSuchModel();
      case 429 -> words.isQuotaOfTheDay() ? failures.quota() : failures.rateLimited(retryAfter);
      case 408 -> failures.unavailable(status, retryAfter);
      case 409 -> failures.conflict(retryAfter);
      default ->
        status >= 500 ? failures.unavailable(status, retryAfter) : refused(failures, status, words);
    };
  }

  private static UpstreamFailure refused(Failures failures, int status, Words words) {
    if (words.isTooLong()) {
      return failures.tooLong();
    }
    if (words.isAboutKey()) {
      return failures.unauthorized(status);
    }
    if (words.status().equals("failed_precondition")) {
      // Either the account has to pay, or it may not be used from where this server is.
      return words.isAboutBilling() ? failures.quota() : failures.unauthorized(status);
    }
    return failures.refused(status);
  }

  /** An object, which may be alone in an array; null where there is none. */
  static JsonObject parse(String text) {
    try {
      Object value = Json.decodeValue(text);
      if (value instanceof JsonArray array && array.size() == 1) {
        value = array.getValue(0);
      }
      return value instanceof JsonObject object ? object : null;
    } catch (DecodeException noJson) {
      return null;
    }
  }

  private static Words words(JsonObject body) {
    JsonObject error = body.getValue("error") instanceof JsonObject inner ? inner : body;
    List<JsonObject> details = new ArrayList<>();
    if (error.getValue("details") instanceof JsonArray all) {
      for (Object each : all) {
        if (each instanceof JsonObject detail) {
          details.add(detail);
        }
      }
    }
    return new Words(
        error.getValue("code") instanceof Number code ? code.intValue() : 0,
        ErrorJson.word(error, "status"),
        ErrorJson.word(error, "message"),
        details);
  }
}
