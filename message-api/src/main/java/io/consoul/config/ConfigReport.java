package io.consoul.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was found while reading the configuration: every setting with its value and origin, and every problem. */
public final class ConfigReport {

  /**
   * One setting as it is in force.
   *
   * @param file the file that its key belongs to
   * @param variable its environment variable, or null
   * @param value as text; {@code ***} for a secret
   * @param origin "default", "file", or the variable or option that set it
   * @param mark another one where another value is set, also one that is not told; itself told to nobody
   */
  public record Setting(
      String file, String key, String variable, String value, String origin, int mark) {}

  private final List<Setting> settings = new ArrayList<>();
  private final Map<String, Rule> rules = new LinkedHashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final List<String> problems = new ArrayList<>();
  private final Map<Path, FileMark> sources = new LinkedHashMap<>();

  void add(Setting setting) {
    settings.add(setting);
  }

  void add(String file, String key, String variable, String fallback, Form form) {
    String each = key.replaceAll("\\[\\d+]", "[]");
    rules.putIfAbsent(file + each, new Rule(file, each, names(variable), fallback, form));
  }

  /** Notes that a setting has two variables. */
  void addAlias(String variable, String other) {
    if (!variable.equals(other)) {
      aliases.put(variable, other);
    }
  }

  /** The first one, whichever of the two counts at present. */
  private List<String> names(String variable) {
    if (variable == null) {
      return List.of();
    }
    return aliases.entrySet().stream()
        .filter(pair -> pair.getKey().equals(variable) || pair.getValue().equals(variable))
        .map(pair -> List.of(pair.getKey(), pair.getValue()))
        .findFirst()
        .orElse(List.of(variable));
  }

  /** Notes a problem; once, also where several settings have it from the same variable. */
  public void addProblem(String problem) {
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  /** Notes a file that is about to be read, also one that is not there. */
  public void addSource(Path file) {
    sources.putIfAbsent(file, FileMark.of(file));
  }

  /** The files that all this came from, as they were before they were read. */
  public Map<Path, FileMark> sources() {
    return Map.copyOf(sources);
  }

  /** What may be set, whatever is; of the entries of lists only where a list has one. */
  public List<Rule> rules() {
    return List.copyOf(rules.values());
  }

  public List<Setting> settings() {
    return List.copyOf(settings);
  }

  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** @throws ConfigException when there is at least one problem */
  public void throwIfBad() {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }
}
