package io.consoul.provider;

import io.consoul.message.ModelList;
import io.consoul.message.Usage;

/** US dollars for a million tokens. */
public record Prices(double input, double cachedInput, double output) {

  public static final Prices NONE = new Prices(0, 0, 0);

  private static final double MILLION = 1_000_000;

  public Prices {
    if (!(input >= 0 && cachedInput >= 0 && output >= 0)) {
      throw new IllegalArgumentException("a price is 0 or more");
    }
  }

  /** As others are told; null where there are none. */
  ModelList.Prices toMessage() {
    return equals(NONE) ? null : new ModelList.Prices(input, cachedInput, output);
  }

  /** The same tokens with what they cost. */
  public Usage of(Usage usage) {
    long cached = Math.min(usage.cachedTokens(), usage.inputTokens());
    return usage.costing(((usage.inputTokens() - cached) * input
            + cached * cachedInput
            + usage.outputTokens() * output)
        / MILLION);
  }
}
