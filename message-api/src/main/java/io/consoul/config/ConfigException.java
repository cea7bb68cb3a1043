package io.consoul.config;

import java.util.List;

/** Everything that is wrong with a configuration, at once. */
public final class ConfigException extends RuntimeException {

  private final transient List<String> problems;

  public ConfigException(List<String> problems) {
    super(String.join("\n", problems), null, false, false);
    this.problems = List.copyOf(problems);
  }

  /** Each one names the file or variable, the key, what was found and what is allowed. */
  public List<String> problems() {
    return problems;
  }
}
