package io.consoul.provider;

import io.consoul.config.ConfigReader;
import java.util.Optional;

/** Reads one of a provider's {@code models} in provider.json: its name alone, or what is known of it too. */
final class ModelEntry {

  static final int MAX_NAME = 200;

  private static final double MAX_PRICE = 1_000_000;

  private ModelEntry() {}

  static Model read(ConfigReader section) {
    String name = section.text("name", null, "");
    if (name.isBlank() || name.length() > MAX_NAME) {
      section.reject("name", "must be 1 to " + MAX_NAME + " characters");
    }
    Model model = new Model(
        name,
        section.optionalInteger("window", null, 16, 100_000_000).orElse(null),
        prices(section.section("prices")),
        section.optionalFlag("prefill", null).orElse(null));
    section.closed();
    return model;
  }

  private static Prices prices(ConfigReader section) {
    Optional<Double> input = price(section, "input");
    Optional<Double> cachedInput = price(section, "cachedInput");
    Optional<Double> output = price(section, "output");
    section.closed();
    double full = input.orElse(0.0);
    return new Prices(full, cachedInput.orElse(full), output.orElse(0.0));
  }

  private static Optional<Double> price(ConfigReader section, String key) {
    return section.optionalDecimal(key, null, 0, MAX_PRICE);
  }
}
