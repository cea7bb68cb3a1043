package io.consoul.provider;

import io.consoul.config.ConfigReader;

/**
 * Whether an answer goes on after its provider has failed in the middle of it.
 *
 * @param maxRescues of one turn
 */
public record RescueConfig(boolean enabled, int maxRescues) {

  /** The section {@code rescue}. */
  static RescueConfig from(ConfigReader section) {
    RescueConfig config = new RescueConfig(
        section.flag("enabled", "CONSOUL_RESCUE_ENABLED", true),
        section.integer("maxRescues", "CONSOUL_RESCUE_MAX", 3, 1, 20));
    section.closed();
    return config;
  }
}
