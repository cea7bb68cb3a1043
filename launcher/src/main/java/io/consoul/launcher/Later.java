package io.consoul.launcher;

import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import java.util.Map;

/**
 * Settings whose silent absence would harm: somebody who sets a certificate believes that
 * nobody listens. Until they exist, setting them is an error.
 */
final class Later {

  private static final Map<String, String> VARIABLES =
      Map.of("CONSOUL_VERTICLES", "all four verticles run in every node in this version");

  static void refuse(Overrides overrides, ConfigReport report) {
    VARIABLES.forEach((variable, why) -> overrides
        .find(variable)
        .filter(value -> !value.text().equalsIgnoreCase("false"))
        .ifPresent(
            value -> report.addProblem(variable + " is set, but " + why + "; unset it to start")));
  }

  private Later() {}
}
