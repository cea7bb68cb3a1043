package io.consoul.config;

import static java.util.Objects.requireNonNull;

/** A value that must not be seen: it prints as {@code ***} wherever a configuration is printed. */
public record Secret(String value) {

  public Secret {
    requireNonNull(value, "value");
  }

  /** For the one place that sends it. */
  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "***";
  }
}
