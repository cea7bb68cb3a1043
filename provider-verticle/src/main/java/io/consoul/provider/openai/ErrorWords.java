package io.consoul.provider.openai;

import io.consoul.provider.wire.ErrorJson;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an error of OpenAI or of a compatible server says of itself, in lower case and never null. OpenAI gives codes; many
 * others only have words.
 *
 * @param innerCode Azure's, of the error that is behind this one
 */
record ErrorWords(String code, String type, String innerCode, String message) {

  private static final Set<String> TOO_LONG =
      Set.of("context_length_exceeded", "exceed_context_size_error", "string_above_max_length");

  private static final Pattern TOO_LONG_IN_WORDS = Pattern.compile(
      "(maximum|available|model's|exceeds?( the)?) (context|prompt|input) (length|size|window)"
          + "|(prompt|input) is too long|context length of only|context length exceeded"
          + "|reduce the length of the (messages|prompt|input)|too many tokens"
          + "|must have less than \\d+ tokens|exceeds the maximum number of tokens");

  private static final Pattern TOO_LARGE = Pattern.compile("request (is )?too large");

  private static final Set<String> FILTERED = Set.of(
      "content_filter",
      "content_policy_violation",
      "moderation_blocked",
      "responsibleaipolicyviolation",
      "data_inspection_failed");

  private static final Pattern FILTERED_IN_WORDS = Pattern.compile(
      "content management policy|content exists risk|flagged as potentially violating"
          + "|requires moderation");

  private static final Set<String> LIMITED =
      Set.of("rate_limit_exceeded", "rate_limit_error", "rate_limit_reached", "ratelimitreached");

  private static final Set<String> QUOTA = Set.of(
      "insufficient_quota",
      "insufficient_balance",
      "billing_not_active",
      "billing_hard_limit_reached");

  private static final Pattern QUOTA_IN_WORDS =
      Pattern.compile("insufficient (balance|credits|funds)");

  private static final Set<String> NO_MODEL =
      Set.of("model_not_found", "invalid_model", "deploymentnotfound");

  /** The error's object is in {@code error}; some servers put its fields at the top. */
  static ErrorWords of(JsonObject body) {
    JsonObject error = body.getValue("error") instanceof JsonObject inner ? inner : body;
    String message = body.getValue("error") instanceof String text ? ErrorJson.text(text) : "";
    JsonObject behind =
        error.getValue("innererror") instanceof JsonObject inner ? inner : new JsonObject();
    return new ErrorWords(
        ErrorJson.word(error, "code"),
        ErrorJson.word(error, "type"),
        ErrorJson.word(behind, "code"),
        message.isEmpty() ? ErrorJson.word(error, "message") : message);
  }

  boolean isTooLong() {
    return isOneOf(TOO_LONG) || TOO_LONG_IN_WORDS.matcher(message).find();
  }

  /** Larger than the server takes, or than the account may send. */
  boolean isTooLarge() {
    return TOO_LARGE.matcher(message).find();
  }

  boolean isAboutFilter() {
    return isOneOf(FILTERED) || FILTERED_IN_WORDS.matcher(message).find();
  }

  boolean isAboutRate() {
    return isOneOf(LIMITED);
  }

  boolean isAboutQuota() {
    return isOneOf(QUOTA) || QUOTA_IN_WORDS.matcher(message).find();
  }

  boolean isAboutModel() {
    return isOneOf(NO_MODEL);
  }

  /** The status that the code is, or 0: within a stream there is no other place for it. */
  int status() {
    return code.matches("[1-5]\\d\\d") ? Integer.parseInt(code) : 0;
  }

  private boolean isOneOf(Set<String> names) {
    return names.contains(code) || names.contains(type) || names.contains(innerCode);
  }
}
