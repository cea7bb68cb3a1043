package io.consoul.fault;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The error catalogue: every failure that a caller can see, on HTTP, on the WebSocket and on the event bus. A code is
 * never reused and never renumbered.
 */
public enum Fault {
  INVALID_REQUEST_BODY("E001", 422, false, "The request body could not be read."),
  MISSING_REQUIRED_FIELD("E002", 422, false, "A required field is missing."),
  FIELD_VALIDATION_FAILED("E003", 422, false, "A field has a value that is not allowed."),
  SESSION_ID_INVALID(
      "E004", 400, false, "The session id must be 1 to 128 characters without control characters."),
  MESSAGE_TOO_LONG("E005", 400, false, "The message is too long."),
  REQUEST_TOO_LARGE("E006", 413, false, "The request body is too large."),
  NOT_FOUND("E007", 404, false, "There is nothing at this path."),
  METHOD_NOT_ALLOWED("E008", 405, false, "This path does not take this method."),
  UNSUPPORTED_MEDIA_TYPE("E009", 415, false, "Send the body as application/json."),
  AUTH_REQUIRED("E010", 401, false, "An API key is required."),
  INVALID_API_KEY("E011", 401, false, "The API key is not valid."),
  API_KEY_EXPIRED("E012", 401, false, "The API key has expired."),
  FORBIDDEN("E013", 403, false, "This caller is not allowed here."),
  RATE_LIMIT_EXCEEDED("E020", 429, true, "Too many requests."),
  RATE_LIMIT_TIER_EXHAUSTED("E021", 429, true, "The limit of this key's tier is used up."),
  SERVER_BUSY("E022", 503, true, "The server has all it can do; try again in a moment."),
  SESSION_NOT_FOUND("E100", 404, false, "There is no such session."),
  SESSION_EXPIRED("E101", 410, false, "The session has expired."),
  SESSION_LOCKED("E102", 409, true, "The session is still busy with another turn."),
  SESSION_EXISTS("E103", 409, false, "A session with this id exists already."),
  SESSION_STORAGE_UNAVAILABLE("E110", 503, true, "The session store is not available right now."),
  SESSION_SAVE_FAILED("E111", 503, true, "The answer could not be stored."),
  LLM_UNAVAILABLE("E200", 503, true, "The model provider is not available right now."),
  LLM_TIMEOUT("E201", 504, true, "The model provider did not answer in time."),
  LLM_RATE_LIMITED("E202", 503, true, "The model provider's rate limit is reached."),
  LLM_CONTEXT_TOO_LONG("E203", 400, false, "The conversation is longer than the model's context."),
  LLM_CONTENT_FILTERED("E204", 400, false, "The model provider's content filter refused this."),
  LLM_CANCELLED("E205", 499, false, "The turn was cancelled."),
  CIRCUIT_BREAKER_OPEN(
      "E206",
      503,
      true,
      "The model provider failed repeatedly and is being left alone for a while."),
  CIRCUIT_BREAKER_HALF_OPEN(
      "E207", 503, true, "The model provider is being tried out after failures."),
  MODEL_NOT_AVAILABLE("E210", 503, true, "The model is not available."),
  MODEL_CONFIG_ERROR("E211", 500, false, "The model's configuration on the server is wrong."),
  TOOL_NOT_FOUND("E300", 400, false, "There is no such tool."),
  TOOL_DENIED("E301", 403, false, "The tool call was denied."),
  TOOL_TIMEOUT("E302", 504, true, "The tool did not answer in time."),
  TOOL_EXECUTION_FAILED("E303", 500, false, "The tool failed."),
  INTERNAL_ERROR("E900", 500, false, "Something went wrong on our side."),
  UNEXPECTED_EXCEPTION("E901", 500, false, "Something unexpected went wrong on our side."),
  UNKNOWN_ERROR("E999", 500, false, "An unknown error.");

  /** In the details of {@link #MODEL_CONFIG_ERROR}: the status with which the provider refused the request itself. */
  public static final String REFUSED_BY_PROVIDER = "provider_status";

  private static final Map<String, Fault> BY_CODE = Arrays.stream(values())
      .collect(Collectors.toUnmodifiableMap(Fault::code, Function.identity()));

  private final String code;
  private final int status;
  private final boolean recoverable;
  private final String text;

  Fault(String code, int status, boolean recoverable, String text) {
    this.code = code;
    this.status = status;
    this.recoverable = recoverable;
    this.text = text;
  }

  /** A code from a newer node that this one does not know is {@link #UNKNOWN_ERROR}. */
  public static Fault ofCode(String code) {
    return BY_CODE.getOrDefault(code, UNKNOWN_ERROR);
  }

  /** The stable code, such as {@code E102}. */
  public String code() {
    return code;
  }

  /** The name that goes with the code in an error body, such as {@code session_locked}. */
  public String error() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The HTTP status; 499 of {@link #LLM_CANCELLED} stands for "never sent as a status". */
  public int status() {
    return status;
  }

  /** Whether the same request may succeed later. */
  public boolean recoverable() {
    return recoverable;
  }

  /** What a caller is told when nothing more precise is known. */
  public String text() {
    return text;
  }

  /** @param message for the caller: what happened and what to do; no secret, no path, no message text */
  public FaultException because(String message) {
    return new FaultException(this, message, null, null);
  }

  public FaultException because() {
    return because(text);
  }

  /** @param retryAfter whole seconds after which another try makes sense */
  public FaultException retryAfter(int retryAfter, String message) {
    return new FaultException(this, message, retryAfter, null);
  }

  /** @param wait after which another try makes sense; told in whole seconds, rounded up, at least 1 */
  public FaultException retryAfter(Duration wait, String message) {
    long seconds = wait.plusNanos(999_999_999).toSeconds();
    return retryAfter((int) Math.max(1, Math.min(Integer.MAX_VALUE, seconds)), message);
  }

  /** The caller's field is wrong: the message and {@code details} name it. */
  public FaultException inField(String field, String reason) {
    return new FaultException(
        this,
        field + " " + reason,
        null,
        new JsonObject().put("field", field).put("reason", reason));
  }
}
