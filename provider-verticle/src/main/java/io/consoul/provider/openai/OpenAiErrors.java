package io.consoul.provider.openai;

import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.wire.Failures;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Understands the errors of OpenAI and of servers that speak its language. */
final class OpenAiErrors {

  private static final Set<String> TOO_LONG =
      Set.of("context_length_exceeded", "exceed_context_size_error", "string_above_max_length");

  /** Compatible servers that give no code say it in words. */
  private static final Pattern TOO_LONG_IN_WORDS =
      Pattern.compile("(maximum|available|model's|exceeds?( the)?) context (length|size|window)");

  private static final Set<String> FILTERED =
      Set.of("content_filter", "content_policy_violation", "moderation_blocked");

  private static final Set<String> LIMITED =
      Set.of("rate_limit_exceeded", "rate_limit_error", "rate_limit_reached");

  private static final Set<String> QUOTA = Set.of("insufficient_quota");

  /** What is known of an error: the words in its fields, in lower case and never null. */
  private record Words(String code, String type, String message) {

    boolean isOneOf(Set<String> names) {
      return names.contains(code) || names.contains(type);
    }

    boolean isTooLong() {
      return isOneOf(TOO_LONG) || TOO_LONG_IN_WORDS.matcher(message).find();
    }
  }

  private OpenAiErrors() {}

  static UpstreamFailure ofStatus(Failures failures, int status, MultiMap headers, Buffer body) {
    Words words = words(parse(body));
    if (status >= 300 && status < 400) {
      return failures.redirected(status);
    }
    return switch (status) {
      case 401, 403 -> failures.unauthorized(status);
      case 404 -> failures.noSuchModel();
      case 429 ->
        words.isOneOf(QUOTA)
            ? failures.quota()
            : failures.rateLimited(failures.retryAfter(headers));
      case 408 -> failures.unavailable(status, failures.retryAfter(headers));
      case 409 -> failures.conflict(failures.retryAfter(headers));
      default ->
        status >= 500
            ? failures.unavailable(status, failures.retryAfter(headers))
            : refused(failures, status, words);
    };
  }

  static UpstreamFailure inStream(Failures failures, JsonObject chunk) {
    Words words = words(chunk);
    if (words.isOneOf(QUOTA)) {
      return failures.quota();
    }
    if (words.isOneOf(LIMITED)) {
      return failures.rateLimited(null);
    }
    if (words.isTooLong() || words.isOneOf(FILTERED)) {
      return refused(failures, 400, words);
    }
    return failures.inStream();
  }

  private static UpstreamFailure refused(Failures failures, int status, Words words) {
    if (words.isTooLong()) {
      return failures.tooLong();
    }
    return words.isOneOf(FILTERED) ? failures.filtered() : failures.refused(status);
  }

  private static JsonObject parse(Buffer body) {
    try {
      return new JsonObject(body);
    } catch (DecodeException noObject) {
      return new JsonObject();
    }
  }

  /** The error's object is in {@code error}; some servers put its fields at the top. */
  private static Words words(JsonObject body) {
    JsonObject error = body.getValue("error") instanceof JsonObject inner ? inner : body;
    String message = body.getValue("error") instanceof String text ? text : word(error, "message");
    return new Words(word(error, "code"), word(error, "type"), message.toLowerCase(Locale.ROOT));
  }

  private static String word(JsonObject error, String key) {
    return error.getValue(key) instanceof String text ? text.toLowerCase(Locale.ROOT) : "";
  }
}
