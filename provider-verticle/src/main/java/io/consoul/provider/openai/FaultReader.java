package io.consoul.provider.openai;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Translates a provider's errors into the catalogue. Its texts are read but never passed on: they may quote the prompt or
 * the key.
 */
final class FaultReader {

  private static final Set<String> TOO_LONG =
      Set.of("context_length_exceeded", "exceed_context_size_error", "string_above_max_length");

  /** Compatible servers that give no code say it in words. */
  private static final Pattern TOO_LONG_IN_WORDS =
      Pattern.compile("(maximum|available|model's|exceeds?( the)?) context (length|size|window)");

  private static final Set<String> FILTERED =
      Set.of("content_filter", "content_policy_violation", "moderation_blocked");

  private static final Set<String> LIMITED =
      Set.of("rate_limit_exceeded", "rate_limit_error", "rate_limit_reached");

  private static final String QUOTA = "insufficient_quota";

  /** A longer wait is no hint but a mistake. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  /** What is known of an error: the words in its fields, in lower case and never null. */
  private record Words(String code, String type, String message) {

    boolean isOneOf(Set<String> names) {
      return names.contains(code) || names.contains(type);
    }

    boolean isTooLong() {
      return isOneOf(TOO_LONG) || TOO_LONG_IN_WORDS.matcher(message).find();
    }

    boolean isQuota() {
      return isOneOf(Set.of(QUOTA));
    }
  }

  private final String provider;
  private final String model;
  private final InstantSource clock;

  FaultReader(String provider, String model, InstantSource clock) {
    this.provider = provider;
    this.model = model;
    this.clock = clock;
  }

  /** @param body what was read of it; it may be cut or no JSON at all */
  FaultException ofStatus(int status, MultiMap headers, Buffer body) {
    Words words = words(parse(body));
    if (status >= 300 && status < 400) {
      return Fault.MODEL_CONFIG_ERROR.because("the provider " + provider + " redirects (status "
          + status + "): its baseUrl has to be the final one");
    }
    return switch (status) {
      case 401, 403 ->
        Fault.MODEL_CONFIG_ERROR.because("the provider " + provider + " refuses us (status "
            + status + "): its API key on this server is missing, wrong or not allowed to do this");
      case 404 ->
        Fault.MODEL_NOT_AVAILABLE.because("the provider " + provider + " has no model " + model
            + ", or its baseUrl on this server is wrong");
      case 429 -> limited(words, headers);
      case 408 -> unavailable(status, headers);
      default -> status >= 500 ? unavailable(status, headers) : refused(status, words);
    };
  }

  /** An error that came inside the stream, under status 200. */
  FaultException inStream(JsonObject chunk) {
    Words words = words(chunk);
    if (words.isQuota() || words.isOneOf(LIMITED)) {
      return limited(words, MultiMap.caseInsensitiveMultiMap());
    }
    if (words.isTooLong() || words.isOneOf(FILTERED)) {
      return refused(400, words);
    }
    return Fault.LLM_UNAVAILABLE.because("the provider " + provider + " reported an error");
  }

  FaultException notAStream() {
    return Fault.LLM_UNAVAILABLE.because("the provider " + provider
        + " answered with something else than an event stream; is its baseUrl right?");
  }

  private FaultException refused(int status, Words words) {
    if (words.isTooLong()) {
      return Fault.LLM_CONTEXT_TOO_LONG.because();
    }
    if (words.isOneOf(FILTERED)) {
      return Fault.LLM_CONTENT_FILTERED.because();
    }
    return Fault.MODEL_CONFIG_ERROR.because("the provider " + provider
        + " does not accept the request (status " + status
        + "): the session's settings may not suit"
        + " the model " + model);
  }

  private FaultException limited(Words words, MultiMap headers) {
    if (words.isQuota()) {
      return Fault.LLM_RATE_LIMITED.because(
          "the quota of this server's account with the provider " + provider + " is used up");
    }
    return new FaultException(
        Fault.LLM_RATE_LIMITED,
        "the provider " + provider + " limits the rate of requests",
        retryAfter(headers),
        null);
  }

  private FaultException unavailable(int status, MultiMap headers) {
    return new FaultException(
        Fault.LLM_UNAVAILABLE,
        "the provider " + provider + " failed (status " + status + ")",
        retryAfter(headers),
        null);
  }

  /** Whole seconds, rounded up; null where the provider says nothing of use. */
  private Integer retryAfter(MultiMap headers) {
    Double seconds = number(headers.get("retry-after-ms"));
    if (seconds != null) {
      seconds = seconds / 1_000;
    } else {
      String value = headers.get("retry-after");
      seconds = number(value);
      if (seconds == null) {
        seconds = untilDate(value);
      }
    }
    return seconds == null || !(seconds > 0) || seconds > LONGEST_WAIT.toSeconds()
        ? null
        : (Integer) (int) Math.ceil(seconds);
  }

  private static Double number(String value) {
    try {
      return value == null ? null : Double.valueOf(value.strip());
    } catch (NumberFormatException other) {
      return null;
    }
  }

  private Double untilDate(String value) {
    try {
      return value == null
          ? null
          : (double) Duration.between(
                  clock.instant(),
                  ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                      .toInstant())
              .toSeconds();
    } catch (DateTimeParseException neither) {
      return null;
    }
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
