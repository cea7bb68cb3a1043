package io.consoul.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code ${env:NAME}} and {@code ${file:PATH}} stand for: secrets above all, so nothing of it is quoted. */
record References(Overrides overrides, ConfigReport report) {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):(.+)}");

  static boolean isReference(String text) {
    return REFERENCE.matcher(text).matches();
  }

  /** A text that is no reference stands for itself; for one that leads nowhere, which is a problem, there is nothing. */
  Optional<String> resolve(String text, String place) {
    Matcher reference = REFERENCE.matcher(text);
    if (!reference.matches()) {
      return Optional.of(text);
    }
    String target = reference.group(2);
    Optional<String> value =
        reference.group(1).equals("env") ? overrides.environment(target) : contents(target);
    if (value.isEmpty()) {
      report.addProblem(place + " refers to " + text + ", which cannot be read");
    }
    return value;
  }

  private Optional<String> contents(String target) {
    try {
      Path file = Path.of(target);
      report.addSource(file);
      return Optional.of(Files.readString(file).strip());
    } catch (IOException | IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }
}
