package io.consoul.provider;

import io.consoul.message.Usage;

/** US dollars for a million tokens. */
public record Prices(double input, double cachedInput, double output) {

  public static final Prices NONE = new Prices(0, 0, 0);

  private static final double MILLION = 1_000_000;

  /** The same tokens with what they cost. */
  public Usage of(Usage usage) {
    long cached = Math.min(usage.cachedTokens(), usage.inputTokens());
    return usage.costing(((usage.inputTokens() - cached) * input
            + cached * cachedInput
            + usage.outputTokens() * output)
        / MILLION);
  }
}
