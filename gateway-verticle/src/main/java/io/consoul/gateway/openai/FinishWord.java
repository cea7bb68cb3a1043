package io.consoul.gateway.openai;

import io.consoul.message.FinishReason;

/** Why an answer ended, in OpenAI's words, which have none for an answer that was cut off by us or by its client. */
final class FinishWord {

  private FinishWord() {}

  /** Of what was cut off there is less than there could be: that much the word for a reached limit says, too. */
  static String of(FinishReason reason) {
    return isOurs(reason) ? FinishReason.LENGTH.wireName() : reason.wireName();
  }

  /** Whether OpenAI has no word for it. */
  static boolean isOurs(FinishReason reason) {
    return switch (reason) {
      case INTERRUPTED, CANCELLED -> true;
      case STOP, LENGTH, TOOL_CALLS, CONTENT_FILTER -> false;
    };
  }
}
