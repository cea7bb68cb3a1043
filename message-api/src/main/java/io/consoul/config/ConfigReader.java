package io.consoul.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads one JSON object of configuration into a typed record. It goes on after a problem, so that all are reported at
 * once. Later wins: the default, the file, the environment variable, the command line.
 *
 * <p>{@code ${env:NAME}} and {@code ${file:PATH}} stand for a value from elsewhere, for secrets above all.
 */
public final class ConfigReader {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):(.+)}");

  private final String place;
  private final JsonObject json;
  private final Overrides overrides;
  private final List<String> problems;
  private final Set<String> known = new LinkedHashSet<>();

  private ConfigReader(String place, JsonObject json, Overrides overrides, List<String> problems) {
    this.place = place;
    this.json = json;
    this.overrides = overrides;
    this.problems = problems;
  }

  /**
   * @param file named in messages
   * @param problems where they are collected, over several files
   */
  public static ConfigReader of(
      String file, JsonObject json, Overrides overrides, List<String> problems) {
    return new ConfigReader(file + ": ", json, overrides, problems);
  }

  /** Without overrides, for a configuration that is given in code. */
  public static ConfigReader of(JsonObject json) {
    return new ConfigReader("", json, Overrides.NONE, new ArrayList<>());
  }

  /** A nested object; a missing one reads as empty. */
  public ConfigReader section(String key) {
    known.add(key);
    Object value = json.getValue(key);
    if (value != null && !(value instanceof JsonObject)) {
      problem(key, "must be an object", value);
    }
    return new ConfigReader(
        place + key + ".",
        value instanceof JsonObject object ? object : new JsonObject(),
        overrides,
        problems);
  }

  /** The objects of a list; a missing list is empty. */
  public List<ConfigReader> sections(String key) {
    known.add(key);
    Object value = json.getValue(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof JsonArray array)
        || array.stream().anyMatch(item -> !(item instanceof JsonObject))) {
      problem(key, "must be a list of objects", value);
      return List.of();
    }
    return IntStream.range(0, array.size())
        .mapToObj(i -> new ConfigReader(
            place + key + "[" + i + "].", array.getJsonObject(i), overrides, problems))
        .toList();
  }

  /** @param variable environment variable, or null where there is none */
  public String text(String key, String variable, String defaultValue) {
    return find(key, variable).map(found -> found.value).orElse(defaultValue);
  }

  public Optional<String> text(String key, String variable) {
    return find(key, variable).map(found -> found.value);
  }

  /** A value that is never printed. */
  public Optional<Secret> secret(String key, String variable) {
    return find(key, variable).map(found -> new Secret(found.value));
  }

  public List<String> texts(String key) {
    known.add(key);
    Object value = json.getValue(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof JsonArray array)
        || array.stream().anyMatch(item -> !(item instanceof String))) {
      problem(key, "must be a list of strings", value);
      return List.of();
    }
    return array.stream().map(String.class::cast).toList();
  }

  public int integer(String key, String variable, int defaultValue, int min, int max) {
    return optionalInteger(key, variable, min, max).orElse(defaultValue);
  }

  public Optional<Integer> optionalInteger(String key, String variable, int min, int max) {
    return number(
            key, variable, "an integer", BigDecimal.valueOf(min), BigDecimal.valueOf(max), true)
        .map(BigDecimal::intValueExact);
  }

  public Optional<Double> optionalDecimal(String key, String variable, double min, double max) {
    return number(
            key, variable, "a number", BigDecimal.valueOf(min), BigDecimal.valueOf(max), false)
        .map(BigDecimal::doubleValue);
  }

  /** Seconds, with decimals; the key should end in {@code Seconds}. */
  public Duration seconds(
      String key, String variable, double defaultValue, double min, double max) {
    BigDecimal seconds = number(
            key,
            variable,
            "a number of seconds",
            BigDecimal.valueOf(min),
            BigDecimal.valueOf(max),
            false)
        .orElse(BigDecimal.valueOf(defaultValue));
    return Duration.ofNanos(seconds.movePointRight(9).longValue());
  }

  /** Milliseconds; the key should end in {@code Millis}. */
  public Duration millis(String key, String variable, int defaultValue, int min, int max) {
    return Duration.ofMillis(integer(key, variable, defaultValue, min, max));
  }

  public boolean flag(String key, String variable, boolean defaultValue) {
    return find(key, variable)
        .flatMap(found -> {
          switch (found.value.toLowerCase(Locale.ROOT)) {
            case "true", "1", "yes", "on" -> {
              return Optional.of(true);
            }
            case "false", "0", "no", "off" -> {
              return Optional.of(false);
            }
            default -> {
              problem(found, "must be true or false");
              return Optional.empty();
            }
          }
        })
        .orElse(defaultValue);
  }

  /** One of an enum's constants, in any case. */
  public <E extends Enum<E>> E choice(String key, String variable, E defaultValue) {
    E[] constants = defaultValue.getDeclaringClass().getEnumConstants();
    return find(key, variable)
        .flatMap(found -> {
          Optional<E> match = Stream.of(constants)
              .filter(constant -> constant.name().equalsIgnoreCase(found.value))
              .findFirst();
          if (match.isEmpty()) {
            problem(
                found,
                "must be one of "
                    + String.join(", ", Stream.of(constants).map(Enum::name).toList()));
          }
          return match;
        })
        .orElse(defaultValue);
  }

  /** Notes a problem that only the record can see, such as two settings that do not go together. */
  public void reject(String key, String problem) {
    problems.add(place + key + " " + problem);
  }

  /** Reports keys that nobody asked for. Call it last, on every section. */
  public ConfigReader closed() {
    json.fieldNames().stream()
        .filter(key -> !known.contains(key))
        .forEach(
            key -> problems.add(place + key + " is not a known key; " + Nearest.hint(key, known)));
    return this;
  }

  /** @throws ConfigException when there is at least one problem */
  public void throwIfBad() {
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  /** A value as text, where it came from, and whether that place may be quoted. */
  private record Found(String value, String origin, boolean quotable) {}

  private Optional<Found> find(String key, String variable) {
    known.add(key);
    if (variable != null) {
      Optional<Overrides.Value> override = overrides.find(variable);
      if (override.isPresent()) {
        return resolve(new Found(override.get().text(), override.get().origin(), true));
      }
    }
    Object value = json.getValue(key);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof JsonObject || value instanceof JsonArray) {
      problem(key, "must be a single value", value);
      return Optional.empty();
    }
    return resolve(new Found(value.toString(), place + key, true));
  }

  private Optional<Found> resolve(Found found) {
    Matcher reference = REFERENCE.matcher(found.value);
    if (!reference.matches()) {
      return Optional.of(found);
    }
    String target = reference.group(2);
    Optional<String> value = reference.group(1).equals("env")
        ? overrides.environment(target)
        : contents(Path.of(target));
    if (value.isEmpty()) {
      problems.add(found.origin + " refers to " + found.value + ", which cannot be read");
    }
    return value.map(text -> new Found(text, found.origin, false));
  }

  private static Optional<String> contents(Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  private Optional<BigDecimal> number(
      String key, String variable, String what, BigDecimal min, BigDecimal max, boolean whole) {
    return find(key, variable).flatMap(found -> {
      try {
        BigDecimal number = new BigDecimal(found.value);
        boolean fits = number.compareTo(min) >= 0 && number.compareTo(max) <= 0;
        if (fits && !(whole && number.stripTrailingZeros().scale() > 0)) {
          return Optional.of(number);
        }
      } catch (NumberFormatException notANumber) {
        // the same message tells what is allowed
      }
      problem(
          found, "must be " + what + " from " + min.toPlainString() + " to " + max.toPlainString());
      return Optional.empty();
    });
  }

  private void problem(Found found, String allowed) {
    problems.add(found.origin + " " + allowed + ", got "
        + (found.quotable ? quoted(found.value) : "something else"));
  }

  private void problem(String key, String allowed, Object got) {
    problems.add(place + key + " " + allowed + ", got " + quoted(got.toString()));
  }

  private static String quoted(String value) {
    return value.length() > 60 ? value.substring(0, 60) + "…" : value;
  }
}
