package io.consoul.config;

import io.consoul.config.ConfigObject.Given;
import io.consoul.config.ConfigObject.Items;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads one JSON object of configuration into a typed record. It goes on after a problem, so that all are reported at
 * once. Later wins: the default, the file, the environment variable, the command line.
 *
 * <p>{@code ${env:NAME}} and {@code ${file:PATH}} stand for a value from elsewhere, for secrets above all.
 */
public final class ConfigReader {

  private static final int QUOTED = 60;

  private final ConfigObject object;

  private ConfigReader(ConfigObject object) {
    this.object = object;
  }

  /**
   * @param file named in messages
   * @param report what is found goes there, over several files
   */
  public static ConfigReader of(
      String file, JsonObject json, Overrides overrides, ConfigReport report) {
    return new ConfigReader(ConfigObject.of(file, json, overrides, report));
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
    reader.throwIfBad();
    return config;
  }

  /** A nested object; a missing one reads as empty. */
  public ConfigReader section(String key) {
    return new ConfigReader(object.section(key));
  }

  /** The objects of a list; a missing list is empty. */
  public List<ConfigReader> sections(String key) {
    return sections(key, object.list(key, JsonObject.class::isInstance, "objects"), key);
  }

  /**
   * The objects of a list in which a text stands for an object that has only this one key; a missing list is empty.
   *
   * @param textKey the key that a text is the value of
   */
  public List<ConfigReader> sections(String key, String textKey) {
    return sections(key, objectsOrTexts(key, textKey, null), textKey);
  }

  /**
   * As above.
   *
   * @param variable environment variable that holds such a list as JSON, or only texts with commas between them
   */
  public List<ConfigReader> sections(String key, String textKey, String variable) {
    Items items = objectsOrTexts(key, textKey, variable);
    int size = items.list().size();
    object.note(key, variable, Integer.toString(size), items.given(), size);
    return sections(key, items, textKey);
  }

  public List<String> texts(String key) {
    return strings(object.list(key, String.class::isInstance, "strings").list());
  }

  /** @param variable environment variable that holds the texts with commas between them, or as a list in JSON */
  public List<String> texts(String key, String variable, List<String> defaultValue) {
    Items items = object.list(key, variable, String.class::isInstance, "strings");
    List<String> texts = items.given().isSet() ? strings(items.list()) : defaultValue;
    object.note(key, variable, String.join(",", texts), items.given(), texts.hashCode());
    return texts;
  }

  /**
   * An object whose values are texts, in its order. Its names may be parts of secrets and are never printed.
   *
   * @param variable environment variable that holds it as JSON
   */
  public Map<String, String> table(String key, String variable) {
    Given given = object.given(key, variable);
    Object value = given.isVariable()
        ? ListText.json(given.value().toString(), JsonObject::new)
        : given.value();
    Map<String, String> table = new LinkedHashMap<>();
    if (value instanceof JsonObject texts
        && texts.stream().allMatch(entry -> entry.getValue() instanceof String)) {
      texts.forEach(entry -> table.put(entry.getKey(), (String) entry.getValue()));
    } else if (value != null) {
      object.reject(given, "must be an object in JSON whose values are strings");
    }
    object.note(
        key,
        variable,
        table.values().stream().map(text -> "*** " + text).collect(Collectors.joining(", ")),
        table.isEmpty() && !given.isVariable() ? "default" : given.origin(),
        table.hashCode());
    return table;
  }

  /** @param variable environment variable, or null where there is none */
  public String text(String key, String variable, String defaultValue) {
    return read(key, variable, Notation.TEXT, defaultValue).orElse(defaultValue);
  }

  public Optional<String> text(String key, String variable) {
    return read(key, variable, Notation.TEXT, null);
  }

  /** A value that is never printed. */
  public Optional<Secret> secret(String key, String variable) {
    return read(key, variable, Notation.SECRET, null);
  }

  /** @param standIn the variable that counts where neither the first one nor a more particular setting is there */
  public Optional<Secret> secret(String key, String variable, String standIn) {
    return secret(key, either(variable, standIn));
  }

  /** The variable of the two that is set, the first one where both are or none: for settings with two names. */
  public String either(String variable, String other) {
    boolean standsIn = object.overrides().find(other).isPresent()
        && object.overrides().find(variable).isEmpty();
    return standsIn ? other : variable;
  }

  public int integer(String key, String variable, int defaultValue, int min, int max) {
    return read(key, variable, Notation.integer(min, max), defaultValue).orElse(defaultValue);
  }

  public Optional<Integer> optionalInteger(String key, String variable, int min, int max) {
    return read(key, variable, Notation.integer(min, max), null);
  }

  public Optional<Double> optionalDecimal(String key, String variable, double min, double max) {
    return read(key, variable, Notation.decimal("a number", min, max), null);
  }

  /** Seconds, with decimals; the key should end in {@code Seconds}. */
  public Duration seconds(
      String key, String variable, double defaultValue, double min, double max) {
    double seconds = read(
            key, variable, Notation.decimal("a number of seconds", min, max), defaultValue)
        .orElse(defaultValue);
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }

  /** Milliseconds; the key should end in {@code Millis}. */
  public Duration millis(String key, String variable, int defaultValue, int min, int max) {
    return Duration.ofMillis(integer(key, variable, defaultValue, min, max));
  }

  public boolean flag(String key, String variable, boolean defaultValue) {
    return read(key, variable, Notation.FLAG, defaultValue).orElse(defaultValue);
  }

  public Optional<Boolean> optionalFlag(String key, String variable) {
    return read(key, variable, Notation.FLAG, null);
  }

  /** One of an enum's constants, in any case, with hyphens between its words. */
  public <E extends Enum<E>> E choice(String key, String variable, E defaultValue) {
    return read(key, variable, Notation.constant(defaultValue.getDeclaringClass()), defaultValue)
        .orElse(defaultValue);
  }

  /**
   * A value in a notation of its own.
   *
   * @param parse what the file holds, or the text of the variable, in which JSON stands for a list or an object; throws
   *     {@link IllegalArgumentException} with what is allowed, as in "must be …"
   */
  public <T> T value(String key, String variable, T defaultValue, Function<Object, T> parse) {
    Given given = object.given(key, variable);
    T value = defaultValue;
    try {
      if (given.isSet()) {
        value = parse.apply(given.isVariable() ? json(given.value().toString()) : given.value());
      }
    } catch (IllegalArgumentException wrong) {
      object.reject(given, wrong.getMessage());
    }
    object.note(key, variable, value.toString(), given, value.hashCode());
    return value;
  }

  /** Notes a problem that only the record can see, such as two settings that do not go together. */
  public void reject(String key, String problem) {
    object.reject(key, problem);
  }

  /** Notes what is allowed but not wise. */
  public void warn(String key, String warning) {
    object.warn(key, warning);
  }

  /** Reports keys that nobody asked for. Call it last, on every section. */
  public ConfigReader closed() {
    object.refuseUnknown(false);
    return this;
  }

  /** As above, where somebody may have put a secret in the place of a key. */
  public void closedSecretly() {
    object.refuseUnknown(true);
  }

  /** @throws ConfigException when there is at least one problem, here or elsewhere in the report */
  public void throwIfBad() {
    object.report().throwIfBad();
  }

  private Items objectsOrTexts(String key, String textKey, String variable) {
    return object.list(
        key,
        variable,
        item -> item instanceof JsonObject || item instanceof String,
        "objects, or strings that stand for their " + textKey);
  }

  private List<ConfigReader> sections(String key, Items items, String textKey) {
    return IntStream.range(0, items.list().size())
        .mapToObj(i -> {
          Object item = items.list().getValue(i);
          JsonObject json =
              item instanceof JsonObject itself ? itself : new JsonObject().put(textKey, item);
          return new ConfigReader(object.item(key, i, json, items.given()));
        })
        .toList();
  }

  private static List<String> strings(JsonArray list) {
    return list.stream().map(String.class::cast).toList();
  }

  /**
   * Empty only where nothing is set, there is no default, or what is set is wrong.
   *
   * @param defaultValue null where there is none
   */
  private <T> Optional<T> read(String key, String variable, Notation<T> notation, T defaultValue) {
    Given given = object.given(key, variable);
    boolean single = !(given.value() instanceof JsonObject || given.value() instanceof JsonArray);
    if (!single) {
      reject(key, "must be a single value, got " + Shape.of(given.value()));
    }
    boolean found = given.isSet() && single;
    Optional<String> text = found ? object.resolve(given) : Optional.empty();
    Optional<T> value = found ? text.flatMap(notation.parse()) : Optional.ofNullable(defaultValue);
    if (text.isPresent() && value.isEmpty()) {
      // What a reference stands for may be a secret, so it is not quoted.
      String written = given.value().toString();
      String got = text.get().equals(written) ? quoted(written) : "something else from " + written;
      object.reject(given, "must be " + notation.allowed() + ", got " + got);
    }
    object.note(
        key,
        variable,
        value.map(set -> MaskedUrl.of(set.toString())).orElse(""),
        given,
        text.hashCode());
    return value;
  }

  private static Object json(String text) {
    try {
      return text.startsWith("[") || text.startsWith("{") ? Json.decodeValue(text) : text;
    } catch (DecodeException malformed) {
      throw new IllegalArgumentException("is not valid JSON");
    }
  }

  private static String quoted(String text) {
    return text.length() > QUOTED ? text.substring(0, QUOTED) + "…" : text;
  }
}
