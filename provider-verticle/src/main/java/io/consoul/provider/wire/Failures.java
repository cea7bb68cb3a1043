package io.consoul.provider.wire;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.provider.UpstreamFailure;
import io.consoul.provider.UpstreamFailure.Cause;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/**
 * The failures of one call, in the words of the catalogue. A provider's own texts are never passed on: they may quote the prompt or
 * the key.
 */
public final class Failures {

  /** A longer wait is no hint but a mistake. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final String provider;
  private final String model;
  private final InstantSource clock;

  public Failures(String provider, String model, InstantSource clock) {
    this.provider = provider;
    this.model = model;
    this.clock = clock;
  }

  public UpstreamFailure redirected(int status) {
    return new UpstreamFailure(
        Cause.UNAUTHORIZED,
        Fault.MODEL_CONFIG_ERROR.because("the provider " + provider + " redirects (status " + status
            + "): its baseUrl has to be the final one"));
  }

  public UpstreamFailure unauthorized(int status) {
    return new UpstreamFailure(
        Cause.UNAUTHORIZED,
        Fault.MODEL_CONFIG_ERROR.because("the provider " + provider + " refuses us (status "
            + status
            + "): its API key on this server is missing, wrong or not allowed to do this"));
  }

  public UpstreamFailure noSuchModel() {
    return new UpstreamFailure(
        Cause.NO_SUCH_MODEL,
        Fault.MODEL_NOT_AVAILABLE.because("the provider " + provider + " has no model " + model
            + ", or its baseUrl on this server is wrong"));
  }

  public UpstreamFailure quota() {
    return new UpstreamFailure(
        Cause.QUOTA,
        Fault.LLM_RATE_LIMITED.because(
            "the quota of this server's account with the provider " + provider + " is used up"));
  }

  /** @param retryAfter or null */
  public UpstreamFailure rateLimited(Duration retryAfter) {
    return failure(
        Cause.RATE_LIMITED,
        Fault.LLM_RATE_LIMITED,
        "the provider " + provider + " limits the rate of requests",
        retryAfter);
  }

  /** @param retryAfter or null */
  public UpstreamFailure unavailable(int status, Duration retryAfter) {
    return failure(
        Cause.UNAVAILABLE,
        Fault.LLM_UNAVAILABLE,
        "the provider " + provider + " failed (status " + status + ")",
        retryAfter);
  }

  /** @param retryAfter or null */
  public UpstreamFailure conflict(Duration retryAfter) {
    return failure(
        Cause.CONFLICT,
        Fault.LLM_UNAVAILABLE,
        "the provider " + provider + " could not take the request (status 409)",
        retryAfter);
  }

  /** An error that came inside the stream, under status 200. */
  public UpstreamFailure inStream() {
    return new UpstreamFailure(
        Cause.ERROR_IN_STREAM,
        Fault.LLM_UNAVAILABLE.because("the provider " + provider + " reported an error"));
  }

  public UpstreamFailure endedEarly() {
    return new UpstreamFailure(
        Cause.CUT, Fault.LLM_UNAVAILABLE.because("the provider's answer ended early"));
  }

  public UpstreamFailure tooLong() {
    return new UpstreamFailure(Cause.TOO_LONG, Fault.LLM_CONTEXT_TOO_LONG.because());
  }

  public UpstreamFailure filtered() {
    return new UpstreamFailure(Cause.FILTERED, Fault.LLM_CONTENT_FILTERED.because());
  }

  /** The details tell those who have asked for a completion themselves that it is theirs to ask otherwise. */
  public UpstreamFailure refused(int status) {
    return new UpstreamFailure(
        Cause.REFUSED,
        new FaultException(
            Fault.MODEL_CONFIG_ERROR,
            "the provider " + provider + " does not accept the request (status " + status
                + "): the settings or the messages may not suit the model " + model,
            null,
            new JsonObject().put(Fault.REFUSED_BY_PROVIDER, status)));
  }

  public UpstreamFailure notAStream() {
    return new UpstreamFailure(
        Cause.GARBLED,
        Fault.LLM_UNAVAILABLE.because("the provider " + provider
            + " answered with something else than an event stream; is its baseUrl right?"));
  }

  public UpstreamFailure unreadable() {
    return new UpstreamFailure(
        Cause.GARBLED,
        Fault.LLM_UNAVAILABLE.because(
            "the provider " + provider + " sent something that cannot be read"));
  }

  public UpstreamFailure unreachable() {
    return new UpstreamFailure(
        Cause.UNREACHABLE,
        Fault.LLM_UNAVAILABLE.because("the provider " + provider + " could not be reached"));
  }

  /** @param answered whether there was anything before the silence */
  public UpstreamFailure silent(boolean answered, Duration time) {
    return new UpstreamFailure(
        Cause.SILENT,
        Fault.LLM_TIMEOUT.because("the provider " + provider
            + (answered ? " fell silent for " : " did not answer for ") + time.toMillis() / 1000.0
            + " s"));
  }

  /** The whole call has its limit too, however much there was to hear. */
  public UpstreamFailure tooLongInAll(Duration time) {
    return new UpstreamFailure(
        Cause.SILENT,
        Fault.LLM_TIMEOUT.because("the provider " + provider + " did not finish its answer within "
            + time.toMillis() / 1000.0 + " s"));
  }

  /** A defect of ours kept it from being asked, or its answer from being read. */
  public UpstreamFailure broken() {
    return new UpstreamFailure(Cause.BROKEN, Fault.UNEXPECTED_EXCEPTION.because());
  }

  public UpstreamFailure busy() {
    return new UpstreamFailure(
        Cause.BUSY,
        Fault.SERVER_BUSY.retryAfter(
            1, "all connections to the provider " + provider + " are in use"));
  }

  /** What {@code retry-after-ms} and {@code retry-after} say, or null where that is of no use. */
  public Duration retryAfter(MultiMap headers) {
    Double millis = number(headers.get("retry-after-ms"));
    if (millis == null) {
      String value = headers.get("retry-after");
      Double seconds = number(value);
      millis = seconds == null ? untilDate(value) : Double.valueOf(seconds * 1_000);
    }
    return sane(millis);
  }

  /** Null where the wait is none, or longer than anybody means it. */
  public static Duration sane(Double millis) {
    return millis == null || !(millis > 0) || millis > LONGEST_WAIT.toMillis()
        ? null
        : Duration.ofMillis((long) Math.ceil(millis));
  }

  private static UpstreamFailure failure(
      Cause cause, Fault fault, String message, Duration retryAfter) {
    return new UpstreamFailure(
        cause,
        retryAfter == null ? fault.because(message) : fault.retryAfter(retryAfter, message),
        retryAfter);
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
              .toMillis();
    } catch (DateTimeParseException neither) {
      return null;
    }
  }

  /**
   * What a provider's {@code x-should-retry} makes of a failure: only a pause is called off by it, and only a refusal that
   * has no reason of its own is asked again. What the caller is told stays the same.
   */
  public static UpstreamFailure heeding(MultiMap headers, UpstreamFailure failure) {
    String advice = headers.get("x-should-retry");
    Cause cause = failure.cause();
    if ("false".equals(advice) && cause.isWorthRetrying()) {
      Cause last = cause == Cause.RATE_LIMITED
          ? Cause.QUOTA
          : cause.isProvidersFault() ? Cause.GARBLED : Cause.REFUSED;
      return new UpstreamFailure(last, failure.fault(), failure.retryAfter());
    }
    if ("true".equals(advice) && cause == Cause.REFUSED) {
      return new UpstreamFailure(Cause.CONFLICT, failure.fault(), failure.retryAfter());
    }
    return failure;
  }

  /** The object that an error's body is; an empty one when it is none. */
  public static JsonObject errorIn(Buffer body) {
    try {
      return Json.decodeValue(body) instanceof JsonObject object ? object : new JsonObject();
    } catch (DecodeException noJson) {
      return new JsonObject();
    }
  }
}
