package io.consoul.config;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads one JSON object of configuration into a typed record. It goes on after a problem, so that all are reported at
 * once. Later wins: the default, the file, the environment variable, the command line.
 *
 * <p>{@code ${env:NAME}} and {@code ${file:PATH}} stand for a value from elsewhere, for secrets above all.
 */
public final class ConfigReader {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file):(.+)}");
  private static final Map<String, Boolean> FLAGS = Map.of(
      "true", true, "yes", true, "on", true, "1", true, "false", false, "no", false, "off", false,
      "0", false);

  private static final int QUOTED = 60;

  private final String file;
  private final String path;

  /** Stands before a key in messages: the file and the path, or the variable that holds the object. */
  private final String place;

  private final String origin;
  private final JsonObject json;
  private final Overrides overrides;
  private final ConfigReport report;
  private final Set<String> known = new LinkedHashSet<>();

  private ConfigReader(
      String file,
      String path,
      String place,
      String origin,
      JsonObject json,
      Overrides overrides,
      ConfigReport report) {
    this.file = file;
    this.path = path;
    this.place = place;
    this.origin = origin;
    this.json = json;
    this.overrides = overrides;
    this.report = report;
  }

  /**
   * @param file named in messages
   * @param report what is found goes there, over several files
   */
  public static ConfigReader of(
      String file, JsonObject json, Overrides overrides, ConfigReport report) {
    return new ConfigReader(file, "", file + ": ", "file", json, overrides, report);
  }

  /**
   * Reads a configuration that is given in code.
   *
   * @param record takes what it needs from the reader and closes its sections
   * @throws ConfigException with every problem of it
   */
  public static <T> T read(JsonObject json, Function<ConfigReader, T> record) {
    ConfigReader reader = of("configuration", json, new Overrides(Map.of()), new ConfigReport());
    T config = record.apply(reader);
    reader.report.throwIfBad();
    return config;
  }

  /** A nested object; a missing one reads as empty. */
  public ConfigReader section(String key) {
    known.add(key);
    Object value = json.getValue(key);
    if (value != null && !(value instanceof JsonObject)) {
      reject(key, "must be an object, got " + kind(value));
    }
    return inner(key, value instanceof JsonObject object ? object : new JsonObject());
  }

  /** The objects of a list; a missing list is empty. */
  public List<ConfigReader> sections(String key) {
    JsonArray objects = list(key, JsonObject.class::isInstance, "objects");
    return IntStream.range(0, objects.size())
        .mapToObj(i -> inner(key + "[" + i + "]", objects.getJsonObject(i)))
        .toList();
  }

  /**
   * The objects of a list in which a text stands for an object that has only this one key; a missing list is empty.
   *
   * @param textKey the key that a text is the value of
   */
  public List<ConfigReader> sections(String key, String textKey) {
    return sections(key, textKey, null);
  }

  /**
   * As above.
   *
   * @param variable environment variable that holds such a list as JSON, or only texts with commas between them
   */
  public List<ConfigReader> sections(String key, String textKey, String variable) {
    Items items = items(
        key,
        variable,
        item -> item instanceof JsonObject || item instanceof String,
        "objects, or strings that stand for their " + textKey);
    if (variable != null) {
      report.add(new ConfigReport.Setting(
          file,
          path + key,
          variable,
          "" + items.list.size(),
          items.isSet ? items.origin : "default",
          items.list.size()));
    }
    return IntStream.range(0, items.list.size())
        .mapToObj(i -> {
          String index = "[" + i + "].";
          Object item = items.list.getValue(i);
          return new ConfigReader(
              file,
              path + key + index,
              items.place + index,
              items.origin,
              item instanceof JsonObject object ? object : new JsonObject().put(textKey, item),
              overrides,
              report);
        })
        .toList();
  }

  public List<String> texts(String key) {
    return strings(list(key, String.class::isInstance, "strings"));
  }

  /** @param variable environment variable that holds the texts with commas between them, or as a list in JSON */
  public List<String> texts(String key, String variable, List<String> defaultValue) {
    Items items = items(key, variable, String.class::isInstance, "strings");
    List<String> texts = items.isSet ? strings(items.list) : defaultValue;
    report.add(new ConfigReport.Setting(
        file,
        path + key,
        variable,
        String.join(",", texts),
        items.isSet ? items.origin : "default",
        texts.hashCode()));
    return texts;
  }

  /**
   * An object whose values are texts, in its order. Its names may be parts of secrets and are never printed.
   *
   * @param variable environment variable that holds it as JSON
   */
  public Map<String, String> table(String key, String variable) {
    known.add(key);
    Optional<Overrides.Value> override = overrides.find(variable);
    String where = override.map(Overrides.Value::origin).orElse(place + key);
    Object value =
        override.map(set -> ListText.json(set.text(), JsonObject::new)).orElse(json.getValue(key));
    Map<String, String> table = new LinkedHashMap<>();
    if (value instanceof JsonObject object
        && object.stream().allMatch(entry -> entry.getValue() instanceof String)) {
      object.forEach(entry -> table.put(entry.getKey(), (String) entry.getValue()));
    } else if (value != null) {
      report.addProblem(where + " must be an object in JSON whose values are strings");
    }
    report.add(new ConfigReport.Setting(
        file,
        path + key,
        variable,
        table.values().stream().map(text -> "*** " + text).collect(Collectors.joining(", ")),
        override.map(Overrides.Value::origin).orElse(table.isEmpty() ? "default" : origin),
        table.hashCode()));
    return table;
  }

  /** @param variable environment variable, or null where there is none */
  public String text(String key, String variable, String defaultValue) {
    return read(key, variable, Optional::of, "text", Optional.ofNullable(defaultValue))
        .orElse(null);
  }

  public Optional<String> text(String key, String variable) {
    return read(key, variable, Optional::of, "text", Optional.empty());
  }

  /** A value that is never printed. */
  public Optional<Secret> secret(String key, String variable) {
    return read(key, variable, text -> Optional.of(new Secret(text)), "text", Optional.empty());
  }

  /** @param standIn the variable that counts where neither the first one nor a more particular setting is there */
  public Optional<Secret> secret(String key, String variable, String standIn) {
    return secret(key, either(variable, standIn));
  }

  /** The variable of the two that is set, the first one where both are or none: for settings with two names. */
  public String either(String variable, String other) {
    boolean standsIn =
        overrides.find(other).isPresent() && overrides.find(variable).isEmpty();
    return standsIn ? other : variable;
  }

  public int integer(String key, String variable, int defaultValue, int min, int max) {
    return integer(key, variable, Optional.of(defaultValue), min, max).orElse(defaultValue);
  }

  public Optional<Integer> optionalInteger(String key, String variable, int min, int max) {
    return integer(key, variable, Optional.empty(), min, max);
  }

  public Optional<Double> optionalDecimal(String key, String variable, double min, double max) {
    return read(
        key,
        variable,
        text -> decimal(text, min, max),
        "a number from " + plain(min) + " to " + plain(max),
        Optional.empty());
  }

  /** Seconds, with decimals; the key should end in {@code Seconds}. */
  public Duration seconds(
      String key, String variable, double defaultValue, double min, double max) {
    double seconds = read(
            key,
            variable,
            text -> decimal(text, min, max),
            "a number of seconds from " + plain(min) + " to " + plain(max),
            Optional.of(defaultValue))
        .orElse(defaultValue);
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }

  /** Milliseconds; the key should end in {@code Millis}. */
  public Duration millis(String key, String variable, int defaultValue, int min, int max) {
    return Duration.ofMillis(integer(key, variable, defaultValue, min, max));
  }

  public boolean flag(String key, String variable, boolean defaultValue) {
    return flag(key, variable, Optional.of(defaultValue)).orElse(defaultValue);
  }

  public Optional<Boolean> optionalFlag(String key, String variable) {
    return flag(key, variable, Optional.empty());
  }

  /** One of an enum's constants, in any case, with hyphens between its words. */
  public <E extends Enum<E>> E choice(String key, String variable, E defaultValue) {
    List<E> constants = Arrays.asList(defaultValue.getDeclaringClass().getEnumConstants());
    return read(
            key,
            variable,
            text -> constants.stream()
                .filter(constant -> constant.name().equalsIgnoreCase(text.replace('-', '_')))
                .findFirst(),
            "one of "
                + String.join(
                    ", ", constants.stream().map(ConfigReader::written).toList()),
            Optional.of(defaultValue))
        .orElse(defaultValue);
  }

  /**
   * A value in a notation of its own.
   *
   * @param parse what the file holds, or the text of the variable, in which JSON stands for a list or an object; throws
   *     {@link IllegalArgumentException} with what is allowed, as in "must be …"
   */
  public <T> T value(String key, String variable, T defaultValue, Function<Object, T> parse) {
    known.add(key);
    Optional<Overrides.Value> override = overrides.find(variable);
    Object found = override.<Object>map(Overrides.Value::text).orElse(json.getValue(key));
    T value = defaultValue;
    try {
      value =
          found == null ? defaultValue : parse.apply(override.isPresent() ? json(found) : found);
    } catch (IllegalArgumentException wrong) {
      report.addProblem(
          override.map(Overrides.Value::origin).orElse(place + key) + " " + wrong.getMessage());
    }
    report.add(new ConfigReport.Setting(
        file,
        path + key,
        variable,
        value.toString(),
        override.map(Overrides.Value::origin).orElse(found == null ? "default" : origin),
        value.hashCode()));
    return value;
  }

  /** Notes a problem that only the record can see, such as two settings that do not go together. */
  public void reject(String key, String problem) {
    report.addProblem(place + key + " " + problem);
  }

  /** Notes what is allowed but not wise. */
  public void warn(String key, String warning) {
    overrides.warn(place + key + " " + warning);
  }

  /** Reports keys that nobody asked for. Call it last, on every section. */
  public ConfigReader closed() {
    json.fieldNames().stream()
        .filter(key -> !known.contains(key))
        .forEach(key -> reject(
            key,
            "is not a known key; "
                + Nearest.to(key, known)
                    .map(name -> "did you mean " + name + "?")
                    .orElse("known here: " + String.join(", ", known))));
    return this;
  }

  /** @throws ConfigException when there is at least one problem, here or elsewhere in the report */
  public void throwIfBad() {
    report.throwIfBad();
  }

  /** A list and where it came from; an empty one where it is wrong or not set. */
  private record Items(JsonArray list, String origin, String place, boolean isSet) {}

  private Items items(String key, String variable, Predicate<Object> item, String items) {
    Optional<Overrides.Value> override = Optional.ofNullable(variable).flatMap(overrides::find);
    if (override.isEmpty()) {
      return new Items(list(key, item, items), origin, place + key, json.getValue(key) != null);
    }
    known.add(key);
    String from = override.get().origin();
    JsonArray list = ListText.parse(override.get().text());
    if (list == null || !list.stream().allMatch(item)) {
      report.addProblem(
          from + " must be a list of " + items + ": as JSON, or strings with commas between them");
      list = new JsonArray();
    }
    return new Items(list, from, from, true);
  }

  private static List<String> strings(JsonArray list) {
    return list.stream().map(String.class::cast).toList();
  }

  /** A value as text and where it came from. */
  private record Found(String text, String origin, String place) {}

  /** Empty only where nothing is set, there is no default, or what is set is wrong. */
  private <T> Optional<T> read(
      String key,
      String variable,
      Function<String, Optional<T>> parse,
      String allowed,
      Optional<T> defaultValue) {
    Optional<Found> found = find(key, variable);
    Optional<String> text = found.flatMap(this::resolve);
    Optional<T> value = found.isEmpty() ? defaultValue : text.flatMap(parse);
    if (text.isPresent() && value.isEmpty()) {
      // What a reference stands for may be a secret, so it is not quoted.
      boolean quotable = text.get().equals(found.get().text);
      report.addProblem(found.get().place + " must be " + allowed + ", got "
          + (quotable ? quoted(text.get()) : "something else from " + found.get().text));
    }
    report.add(new ConfigReport.Setting(
        file,
        path + key,
        variable,
        value.map(set -> MaskedUrl.of(set.toString())).orElse(""),
        found.map(Found::origin).orElse("default"),
        text.hashCode()));
    return value;
  }

  private Optional<Found> find(String key, String variable) {
    known.add(key);
    Optional<Found> override = Optional.ofNullable(variable)
        .flatMap(overrides::find)
        .map(set -> new Found(set.text(), set.origin(), set.origin()));
    if (override.isPresent()) {
      return override;
    }
    Object value = json.getValue(key);
    if (value instanceof JsonObject || value instanceof JsonArray) {
      reject(key, "must be a single value, got " + kind(value));
      return Optional.empty();
    }
    return Optional.ofNullable(value).map(set -> new Found(set.toString(), origin, place + key));
  }

  private Optional<String> resolve(Found found) {
    Matcher reference = REFERENCE.matcher(found.text);
    if (!reference.matches()) {
      return Optional.of(found.text);
    }
    String target = reference.group(2);
    Optional<String> value =
        reference.group(1).equals("env") ? overrides.environment(target) : contents(target);
    if (value.isEmpty()) {
      report.addProblem(found.place + " refers to " + found.text + ", which cannot be read");
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

  private Optional<Integer> integer(
      String key, String variable, Optional<Integer> defaultValue, int min, int max) {
    return read(
        key,
        variable,
        text -> decimal(text, min, max)
            .filter(number -> number == Math.rint(number))
            .map(Double::intValue),
        "an integer from " + min + " to " + max,
        defaultValue);
  }

  private Optional<Boolean> flag(String key, String variable, Optional<Boolean> defaultValue) {
    return read(
        key,
        variable,
        text -> Optional.ofNullable(FLAGS.get(text.toLowerCase(Locale.ROOT))),
        "true or false",
        defaultValue);
  }

  private static Optional<Double> decimal(String text, double min, double max) {
    try {
      return Optional.of(new BigDecimal(text).doubleValue())
          .filter(number -> number >= min && number <= max);
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  private ConfigReader inner(String key, JsonObject object) {
    String inside = key + ".";
    return new ConfigReader(file, path + inside, place + inside, origin, object, overrides, report);
  }

  private JsonArray list(String key, Predicate<Object> item, String items) {
    known.add(key);
    Object value = json.getValue(key);
    if (value instanceof JsonArray array && array.stream().allMatch(item)) {
      return array;
    }
    if (value != null) {
      reject(key, "must be a list of " + items + ", got " + listOrOther(value, item));
    }
    return new JsonArray();
  }

  private static String listOrOther(Object value, Predicate<Object> item) {
    return value instanceof JsonArray array
        ? "a list with " + kind(array.stream().filter(item.negate()).findFirst().orElseThrow())
        : kind(value);
  }

  /** Not the value itself: where the shape is wrong, a secret may stand anywhere in it. */
  private static String kind(Object value) {
    if (value instanceof JsonObject) {
      return "an object";
    }
    if (value instanceof JsonArray) {
      return "a list";
    }
    return value instanceof String ? "a string" : String.valueOf(value);
  }

  private static String written(Enum<?> constant) {
    return constant.name().replace('_', '-');
  }

  private static Object json(Object text) {
    String start = text.toString().substring(0, 1);
    try {
      return start.equals("[") || start.equals("{") ? Json.decodeValue(text.toString()) : text;
    } catch (DecodeException malformed) {
      throw new IllegalArgumentException("is not valid JSON");
    }
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static String quoted(String text) {
    return text.length() > QUOTED ? text.substring(0, QUOTED) + "…" : text;
  }
}
