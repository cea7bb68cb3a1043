package io.consoul.testkit;

import static io.consoul.testkit.ProviderKind.ANTHROPIC;
import static io.consoul.testkit.ProviderKind.OPENAI;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The model names that make {@link FakeProvider} fail without a test, in every format: the one list of its built-in faults. A
 * name with a measure takes another one behind it: {@code fault-cut-3}. With "once" in its name a fault comes the first time
 * that something is asked, and not when it is asked again.
 */
public enum FaultModel {
  RATE_LIMITED(
      "fault-429",
      "status 429 that says to wait 1 s",
      Script.refusal(Refusal.RATE_LIMITED).retryAfter(Duration.ofSeconds(1))),
  RATE_LIMITED_MILLIS(
      "fault-429-ms",
      "status 429 with retry-after-ms: 250",
      Script.refusal(Refusal.RATE_LIMITED).retryAfterMillis(Duration.ofMillis(250))),
  RATE_LIMITED_DATE(
      "fault-429-date",
      "status 429 with a date in Retry-After",
      Script.refusal(Refusal.RATE_LIMITED).retryAfterDate(Duration.ofSeconds(1))),
  RATE_LIMITED_BARE(
      "fault-429-bare",
      "status 429 that does not say how long to wait",
      Script.refusal(Refusal.RATE_LIMITED)),
  RATE_LIMITED_ONCE(
      "fault-429-once",
      "the same as fault-429, once",
      Script.refusal(Refusal.RATE_LIMITED).retryAfter(Duration.ofSeconds(1)),
      Script.echo()),
  QUOTA("fault-quota", "the quota is used up: no retry helps", Script.refusal(Refusal.QUOTA)),
  SERVER_ERROR("fault-500", "status 500", Script.refusal(Refusal.SERVER_ERROR)),
  SERVER_ERROR_ONCE(
      "fault-500-once", "status 500, once", Script.refusal(Refusal.SERVER_ERROR), Script.echo()),
  UNAVAILABLE("fault-503", "status 503", Script.refusal(Refusal.UNAVAILABLE)),
  OVERLOADED("fault-529", "overloaded: status 529 or 503", Script.refusal(Refusal.OVERLOADED)),
  PROXY_PAGE(
      "fault-502",
      "status 502 with an HTML page",
      Script.status(502, "<html><body><h1>502 Bad Gateway</h1></body></html>")
          .contentType("text/html")),
  GZIP_ERROR(
      "fault-gzip-error",
      "status 503 with a compressed body",
      Script.refusal(Refusal.UNAVAILABLE).gzip()),
  UNAUTHORIZED("fault-401", "the key is not valid", Script.refusal(Refusal.UNAUTHORIZED)),
  FORBIDDEN("fault-403", "status 403", Script.refusal(Refusal.FORBIDDEN)),
  NO_SUCH_MODEL("fault-404", "there is no such model", Script.refusal(Refusal.NO_SUCH_MODEL)),
  CONTEXT("fault-context", "status 400: the prompt is too long", Script.refusal(Refusal.CONTEXT)),
  FILTER("fault-filter", "the prompt is refused for what it says", Script.refusal(Refusal.FILTER)),
  FILTERED(
      "fault-filtered",
      "an answer that ends because of what it says",
      Script.echo().finishReason("content_filter")),
  LENGTH(
      "fault-length", "an answer that ends for its length", Script.echo().finishReason("length")),
  NO_PREFILL(
      "fault-no-prefill",
      "cut after N pieces once; a request to go on from them is refused",
      2,
      pieces -> Script.echo().cutAfter(pieces),
      Script.echo().refusesPrefill()),
  RESET("fault-reset", "the connection reset before any response", Script.echo().resetBeforeHead()),
  RESET_ONCE("fault-reset-once", "the same, once", Script.echo().resetBeforeHead(), Script.echo()),
  FLAP(
      "fault-flap",
      "status 503 for N seconds from the first request on, then fine",
      60,
      seconds -> Script.refusal(Refusal.UNAVAILABLE),
      Script.echo()),
  HANG("fault-hang", "no response at all", Script.echo().hang()),
  HEAD_ONLY("fault-head-only", "the response head, then silence", Script.echo().hangAfter(0)),
  STALL(
      "fault-stall", "N pieces, then silence", 2, pieces -> Script.echo().hangAfter(pieces), null),
  STALL_ONCE(
      "fault-stall-once",
      "the same, once",
      2,
      pieces -> Script.echo().hangAfter(pieces),
      Script.echo()),
  STALL_CLOSE(
      "fault-stall-close",
      "two pieces, then silence for N seconds, then the connection closed",
      3,
      seconds -> Script.echo().stallAfter(2, Duration.ofSeconds(seconds)),
      null),
  CUT(
      "fault-cut",
      "N pieces, then the connection closed",
      2,
      pieces -> Script.echo().cutAfter(pieces),
      null),
  CUT_ONCE(
      "fault-cut-once",
      "the same, once",
      2,
      pieces -> Script.echo().cutAfter(pieces),
      Script.echo()),
  END(
      "fault-end",
      "N pieces, then an orderly end of the response in the middle of the answer",
      2,
      pieces -> Script.echo().endAfter(pieces),
      null),
  END_ONCE(
      "fault-end-once",
      "the same, once",
      2,
      pieces -> Script.echo().endAfter(pieces),
      Script.echo()),
  NO_DONE(
      "fault-no-done",
      "a finish reason, but no [DONE] (OpenAI), no message_stop (Anthropic)",
      EnumSet.of(OPENAI, ANTHROPIC),
      Script.echo().noDone()),
  NO_USAGE(
      "fault-no-usage", "no usage, also when it is asked for", Script.echo().noUsage()),
  EARLY_USAGE("fault-early-usage", "usage with the last piece", Script.echo().usageOnLastPiece()),
  USAGE_TWICE("fault-usage-twice", "usage two times", Script.echo().usageTwice()),
  MALFORMED("fault-malformed", "broken JSON after two pieces", Script.echo().malformedAfter(2)),
  ERROR_EVENT(
      "fault-error-event",
      "an error in the stream after N pieces",
      2,
      pieces -> Script.echo().errorEventAfter(pieces),
      null),
  ERROR_EVENT_ONCE(
      "fault-error-event-once",
      "the same, once",
      2,
      pieces -> Script.echo().errorEventAfter(pieces),
      Script.echo()),
  ERROR_FIRST(
      "fault-error-first",
      "an error as the first event under status 200",
      Script.echo().errorEventAfter(0)),
  TOOLS(
      "fault-tools-interleaved",
      "two tool calls whose fragments come in turn",
      Script.toolCall("call_a1", "get_time", "{\"tz\":", "\"UTC\"}")
          .then(Script.toolCall("call_a2", "get_date", "{\"day\":", "1}"))
          .interleaved()),
  EMOJI(
      "fault-emoji",
      "characters of several bytes, cut in their middle",
      Script.echo().then(Script.text(" 👋", "🌍 ü", " 日本")).splitCharacters()),
  BYTES("fault-bytes", "every byte on its own", Script.echo().byteAtATime()),
  ONE_WRITE("fault-one-write", "everything at once", Script.echo().oneWrite()),
  BURST("fault-burst", "N pieces at once", 1_000, FaultModel::burst, null),
  CRLF("fault-crlf", "lines that end with CR LF", Script.echo().crlf()),
  COMMENTS(
      "fault-comments",
      "comments and pings before every event; empty lines (Ollama)",
      Script.echo().commentsBetween()),
  HUGE_LINE("fault-huge-line", "a last line of 2 MiB", Script.echo().hugeLine(2 * 1024 * 1024)),
  SLOW(
      "fault-slow",
      "N seconds between pieces",
      1,
      seconds -> Script.echo().delayEach(Duration.ofSeconds(seconds)),
      null),
  SLOW_HEAD(
      "fault-slow-head",
      "N seconds before the response head",
      20,
      seconds -> Script.echo().delayHead(Duration.ofSeconds(seconds)),
      null),
  SLOW_FIRST(
      "fault-slow-first",
      "N seconds before the first piece",
      20,
      seconds -> Script.echo().delayFirst(Duration.ofSeconds(seconds)),
      null),
  CONTENT_TYPE(
      "fault-content-type",
      "a stream that calls itself text/html",
      Script.echo().contentType("text/html"));

  static final String PREFIX = "fault-";

  private static final Pattern MEASURED = Pattern.compile("(.+)-(\\d{1,6})s?");

  private final String model;
  private final String description;
  private final Set<ProviderKind> kinds;
  private final int usual;
  private final IntFunction<Script> fault;
  private final Script then;

  FaultModel(String model, String description, Script script) {
    this(model, description, EnumSet.allOf(ProviderKind.class), script);
  }

  FaultModel(String model, String description, Set<ProviderKind> kinds, Script script) {
    this(model, description, kinds, -1, measure -> script, null);
  }

  FaultModel(String model, String description, Script once, Script then) {
    this(model, description, EnumSet.allOf(ProviderKind.class), -1, measure -> once, then);
  }

  FaultModel(String model, String description, int usual, IntFunction<Script> fault, Script then) {
    this(model, description, EnumSet.allOf(ProviderKind.class), usual, fault, then);
  }

  /**
   * @param kinds that have such a fault; the others answer as if nothing were
   * @param usual the measure without one in the name; negative where a name takes none
   * @param then what is answered to the same question afterwards, or null for the fault again
   */
  FaultModel(
      String model,
      String description,
      Set<ProviderKind> kinds,
      int usual,
      IntFunction<Script> fault,
      Script then) {
    this.model = model;
    this.description = description;
    this.kinds = kinds;
    this.usual = usual;
    this.fault = fault;
    this.then = then;
  }

  private static Script burst(int pieces) {
    return Script.text(IntStream.rangeClosed(1, pieces)
            .mapToObj(piece -> "word" + piece + " ")
            .toList())
        .oneWrite();
  }

  /** By its name, with or without a measure. */
  public static Optional<FaultModel> named(String model) {
    Matcher measured = MEASURED.matcher(model);
    return Arrays.stream(values())
        .filter(fault -> fault.model.equals(model)
            || fault.usual >= 0 && measured.matches() && measured.group(1).equals(fault.model))
        .findAny();
  }

  /** Empty where there is no fault of this name. */
  static Optional<Scripts> scripts(String model, InstantSource clock) {
    return named(model).map(fault -> {
      Matcher measured = MEASURED.matcher(model);
      int measure = !fault.model.equals(model) && measured.matches()
          ? Integer.parseInt(measured.group(2))
          : fault.usual;
      return fault.scripts(measure, clock);
    });
  }

  private Scripts scripts(int measure, InstantSource clock) {
    Script script = fault.apply(measure);
    if (this == FLAP) {
      return Scripts.flapping(script, then, Duration.ofSeconds(measure), clock);
    }
    return then == null ? request -> script : Scripts.once(script, then);
  }

  public String model() {
    return model;
  }

  public String description() {
    return usual < 0 ? description : description + "; N is " + usual + " without -N in the name";
  }

  /** The formats that have such a fault; the others answer as if nothing were. */
  public Set<ProviderKind> kinds() {
    return EnumSet.copyOf(kinds);
  }

  /** What is answered the first time. */
  public Script script() {
    return fault.apply(usual);
  }
}
