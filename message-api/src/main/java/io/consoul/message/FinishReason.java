package io.consoul.message;

import java.util.Locale;

/** Why an answer ended; the words of the field, plus two of ours for turns that were cut off. */
public enum FinishReason {
  STOP,
  LENGTH,
  TOOL_CALLS,
  CONTENT_FILTER,
  /** Cut off after its first token; what was said is kept. */
  INTERRUPTED,
  /** Stopped by its client or left alone for longer than the resume window; what was said is kept. */
  CANCELLED;

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A word that is not known here counts as an ordinary end. */
  public static FinishReason of(String wireName) {
    for (FinishReason reason : values()) {
      if (reason.wireName().equals(wireName)) {
        return reason;
      }
    }
    return STOP;
  }
}
