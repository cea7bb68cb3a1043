package io.consoul.testkit;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** The model names that make {@link FakeProvider} fail without a test: the one list of its built-in faults. */
public enum FaultModel {
  RATE_LIMITED(
      "fault-429",
      "status 429 with Retry-After: 1",
      Script.error(
              429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached for this model.")
          .header("Retry-After", "1")),
  RATE_LIMITED_BARE(
      "fault-429-bare",
      "status 429 without Retry-After",
      Script.error(
          429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached for this model.")),
  QUOTA(
      "fault-quota",
      "status 429, insufficient_quota: no retry helps",
      Script.error(
          429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota.")),
  SERVER_ERROR(
      "fault-500",
      "status 500",
      Script.error(
          500, "server_error", null, "The server had an error while processing your request.")),
  UNAVAILABLE(
      "fault-503",
      "status 503",
      Script.error(
          503,
          "server_error",
          null,
          "The engine is currently overloaded, please try again later.")),
  PROXY_PAGE(
      "fault-502",
      "status 502 with an HTML page",
      Script.status(502, "<html><body><h1>502 Bad Gateway</h1></body></html>")
          .contentType("text/html")),
  UNAUTHORIZED(
      "fault-401",
      "status 401, invalid_api_key",
      Script.error(401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.")),
  FORBIDDEN(
      "fault-403",
      "status 403, unsupported country",
      Script.error(
          403,
          "request_forbidden",
          "unsupported_country_region_territory",
          "Country, region, or territory not supported.")),
  NO_SUCH_MODEL(
      "fault-404",
      "status 404, model_not_found",
      Script.error(404, "invalid_request_error", "model_not_found", "The model does not exist.")),
  CONTEXT(
      "fault-context",
      "status 400, context_length_exceeded",
      Script.error(
          400,
          "invalid_request_error",
          "context_length_exceeded",
          "This model's maximum context length is 8192 tokens.")),
  FILTER(
      "fault-filter",
      "status 400, content_filter",
      Script.error(
          400,
          "invalid_request_error",
          "content_filter",
          "The prompt was refused by the content management policy.")),
  FILTERED(
      "fault-filtered",
      "finish_reason content_filter",
      Script.echo().finishReason("content_filter")),
  LENGTH("fault-length", "finish_reason length", Script.echo().finishReason("length")),
  RESET(
      "fault-reset", "the connection closed before any response", Script.echo().resetBeforeHead()),
  HANG("fault-hang", "no response at all", Script.echo().hang()),
  HEAD_ONLY("fault-head-only", "the response head, then silence", Script.echo().hangAfter(0)),
  STALL("fault-stall", "two pieces, then silence", Script.echo().hangAfter(2)),
  CUT("fault-cut", "two pieces, then the connection closed", Script.echo().cutAfter(2)),
  END(
      "fault-end",
      "two pieces, then an orderly end without finish_reason",
      Script.echo().endAfter(2)),
  NO_DONE("fault-no-done", "finish_reason, but no [DONE]", Script.echo().noDone()),
  NO_USAGE(
      "fault-no-usage", "no usage, also when it is asked for", Script.echo().noUsage()),
  EARLY_USAGE(
      "fault-early-usage",
      "usage on the chunk of the last piece",
      Script.echo().usageOnLastPiece()),
  USAGE_TWICE("fault-usage-twice", "usage on two chunks", Script.echo().usageTwice()),
  MALFORMED("fault-malformed", "broken JSON after two pieces", Script.echo().malformedAfter(2)),
  ERROR_EVENT(
      "fault-error-event", "an error event after two pieces", Script.echo().errorEventAfter(2)),
  ERROR_FIRST("fault-error-first", "an error as the first event", Script.echo().errorEventAfter(0)),
  BYTES("fault-bytes", "every byte on its own", Script.echo().byteAtATime()),
  ONE_WRITE("fault-one-write", "everything at once", Script.echo().oneWrite()),
  CRLF("fault-crlf", "lines that end with CR LF", Script.echo().crlf()),
  COMMENTS(
      "fault-comments", "comments and unknown events in between", Script.echo().commentsBetween()),
  HUGE_LINE("fault-huge-line", "a last line of 2 MiB", Script.echo().hugeLine(2 * 1024 * 1024)),
  SLOW("fault-slow", "a second between pieces", Script.echo().delayEach(Duration.ofSeconds(1))),
  SLOW_HEAD(
      "fault-slow-head",
      "20 s before the response head",
      Script.echo().delayHead(Duration.ofSeconds(20))),
  SLOW_FIRST(
      "fault-slow-first",
      "20 s before the first piece",
      Script.echo().delayFirst(Duration.ofSeconds(20))),
  CONTENT_TYPE(
      "fault-content-type",
      "a stream that calls itself text/html",
      Script.echo().contentType("text/html"));

  private final String model;
  private final String description;
  private final Script script;

  FaultModel(String model, String description, Script script) {
    this.model = model;
    this.description = description;
    this.script = script;
  }

  static Optional<FaultModel> named(String model) {
    return Arrays.stream(values()).filter(fault -> fault.model.equals(model)).findAny();
  }

  public String model() {
    return model;
  }

  public String description() {
    return description;
  }

  public Script script() {
    return script;
  }
}
