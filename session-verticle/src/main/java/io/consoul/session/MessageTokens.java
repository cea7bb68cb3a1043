package io.consoul.session;

import io.consoul.message.TokenCounter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** Counts the tokens of stored messages without holding up the event loop: a long text may cost tens of milliseconds. */
final class MessageTokens {

  /** Counted on the spot: shorter than the two changes of threads that the way through a worker costs. */
  private static final int SHORT = 4_096;

  /** Of a long text, this much is counted and the rest goes by proportion. */
  private static final int SAMPLE = 1_024;

  private MessageTokens() {}

  /** The exact number. */
  static Future<Integer> of(Vertx vertx, String text) {
    return text.length() <= SHORT
        ? Future.succeededFuture(TokenCounter.count(text))
        : vertx.executeBlocking(() -> TokenCounter.count(text), false);
  }

  /** For the text of a turn that nobody can tell the usage of: exact when it is short, close when it is long. */
  static int estimate(String text) {
    if (text.length() <= SAMPLE) {
      return TokenCounter.count(text);
    }
    long sample = TokenCounter.count(text.substring(0, SAMPLE));
    return (int) Math.min(Integer.MAX_VALUE, sample * text.length() / SAMPLE);
  }
}
