package io.consoul.acceptance.faults;

import static io.consoul.acceptance.faults.Outcome.FAILS;
import static io.consoul.acceptance.faults.Outcome.INTERRUPTED;
import static io.consoul.acceptance.faults.Outcome.RESCUED;
import static io.consoul.acceptance.faults.Outcome.WHOLE;

import io.consoul.testkit.FaultModel;
import io.consoul.testkit.ProviderKind;
import io.consoul.testkit.Script;
import java.util.EnumSet;
import java.util.Set;

/**
 * The table of all faults and what a client gets of them, where the provider is the only one there is: whole answers, failures
 * before the first text with their codes, and answers that break off.
 */
enum Played {
  RATE_LIMITED("fault-429", FAILS, "E202"),
  RATE_LIMITED_MILLIS("fault-429-ms", FAILS, "E202"),
  RATE_LIMITED_DATE("fault-429-date", FAILS, "E202"),
  RATE_LIMITED_BARE("fault-429-bare", FAILS, "E202"),
  RATE_LIMITED_ONCE("fault-429-once", WHOLE),
  QUOTA("fault-quota", FAILS, "E202"),
  SERVER_ERROR("fault-500", FAILS, "E200"),
  SERVER_ERROR_ONCE("fault-500-once", WHOLE),
  UNAVAILABLE("fault-503", FAILS, "E200"),
  OVERLOADED("fault-529", FAILS, "E200"),
  PROXY_PAGE("fault-502", FAILS, "E200"),
  GZIP_ERROR("fault-gzip-error", FAILS, "E200"),
  UNAUTHORIZED("fault-401", FAILS, "E211"),
  FORBIDDEN("fault-403", FAILS, "E211"),
  NO_SUCH_MODEL("fault-404", FAILS, "E210"),
  CONTEXT("fault-context", FAILS, "E203"),
  // Ollama has no filter.
  FILTER("fault-filter", FAILS, "E204", ProviderKind.OLLAMA),
  FILTERED("fault-filtered", WHOLE),
  LENGTH("fault-length", WHOLE),
  RESET("fault-reset", FAILS, "E200"),
  RESET_ONCE("fault-reset-once", WHOLE),
  HANG("fault-hang", FAILS, "E201"),
  HEAD_ONLY("fault-head-only", FAILS, "E201"),
  SLOW_HEAD("fault-slow-head-20", FAILS, "E201"),
  SLOW_HEAD_IN_TIME("fault-slow-head-1", WHOLE),
  SLOW_FIRST("fault-slow-first-20", FAILS, "E201"),
  SLOWER_FIRST("fault-slow-first-60", FAILS, "E201"),
  SLOW_FIRST_IN_TIME("fault-slow-first-1", WHOLE),
  STALL("fault-stall", INTERRUPTED, "E201"),
  STALL_ONCE("fault-stall-once", RESCUED),
  STALL_CLOSE("fault-stall-close-1", INTERRUPTED, "E200"),
  CUT("fault-cut-2", INTERRUPTED, "E200"),
  CUT_LATER("fault-cut-3", INTERRUPTED, "E200"),
  CUT_ONCE("fault-cut-once-5", RESCUED),
  END("fault-end-2", INTERRUPTED, "E200"),
  END_ONCE("fault-end-once-5", RESCUED),
  NO_PREFILL("fault-no-prefill-5", RESCUED),
  ERROR_EVENT("fault-error-event", INTERRUPTED, "E200"),
  ERROR_EVENT_ONCE("fault-error-event-once-5", RESCUED),
  ERROR_FIRST("fault-error-first", FAILS, "E200"),
  MALFORMED("fault-malformed", WHOLE),
  NO_DONE("fault-no-done", WHOLE),
  NO_USAGE("fault-no-usage", WHOLE),
  EARLY_USAGE("fault-early-usage", WHOLE),
  USAGE_TWICE("fault-usage-twice", WHOLE),
  TOOLS("fault-tools-interleaved", WHOLE),
  EMOJI("fault-emoji", WHOLE),
  BYTES("fault-bytes", WHOLE),
  ONE_WRITE("fault-one-write", WHOLE),
  BURST("fault-burst-1000", WHOLE),
  CRLF("fault-crlf", WHOLE),
  COMMENTS("fault-comments", WHOLE),
  HUGE_LINE("fault-huge-line", INTERRUPTED, "E200"),
  CONTENT_TYPE("fault-content-type", FAILS, "E200");

  private final String model;
  private final Outcome outcome;
  private final String code;
  private final Set<ProviderKind> kinds;

  Played(String model, Outcome outcome) {
    this(model, outcome, null);
  }

  /** @param without the kinds that have no such fault */
  Played(String model, Outcome outcome, String code, ProviderKind... without) {
    this.model = model;
    this.outcome = outcome;
    this.code = code;
    this.kinds = EnumSet.allOf(ProviderKind.class);
    for (ProviderKind none : without) {
      kinds.remove(none);
    }
  }

  String model() {
    return model;
  }

  Set<ProviderKind> kinds() {
    return kinds;
  }

  Outcome outcome() {
    return outcome;
  }

  /** Of the provider that has the fault. */
  Limits limits() {
    if (!"E201".equals(code) && this != STALL_ONCE) {
      return Limits.PATIENT;
    }
    return outcome == FAILS ? Limits.HASTY : Limits.UNEASY;
  }

  /** Of the failure; null where there is none. */
  String code() {
    return code;
  }

  /** The whole answer to this message. */
  String answerTo(String message) {
    return script().says(message);
  }

  private Script script() {
    return FaultModel.named(model).orElseThrow().script();
  }
}
