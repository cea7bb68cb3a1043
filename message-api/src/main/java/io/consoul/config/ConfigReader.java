package io.consoul.config;

import io.consoul.config.ConfigObject.Given;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads one JSON object of configuration into a typed record. It goes on after a problem, so that all are reported at
 * once. Later wins: the default, the file, the environment variable, the command line.
 *
 * <p>{@code ${env:NAME}} and {@code ${file:PATH}} stand for a value from elsewhere, for secrets above all.
 */
public final class ConfigReader {

  private static final int QUOTED = 60;

  private final ConfigObject object;
  private final ListReader lists;

  ConfigReader(ConfigObject object) {
    this.object = object;
    this.lists = new ListReader(object);
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
    return lists.objects(key);
  }

  /**
   * The objects of a list in which a text stands for an object that has only this one key; a missing list is empty.
   *
   * @param textKey the key that a text is the value of
   */
  public List<ConfigReader> sections(String key, String textKey) {
    return lists.objectsOrTexts(key, textKey);
  }

  /**
   * As above.
   *
   * @param variable environment variable that holds such a list as JSON, or only texts with commas between them
   */
  public List<ConfigReader> sections(String key, String textKey, String variable) {
    return lists.objectsOrTexts(key, textKey, variable);
  }

  public List<String> texts(String key) {
    return lists.texts(key);
  }

  /** @param variable environment variable that holds the texts with commas between them, or as a list in JSON */
  public List<String> texts(String key, String variable, List<String> defaultValue) {
    return lists.texts(key, variable, defaultValue);
  }

  /**
   * An object whose values are texts, in its order. Its names may be parts of secrets and are never printed.
   *
   * @param variable environment variable that holds it as JSON
   */
  public Map<String, String> table(String key, String variable) {
    return lists.table(key, variable);
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
    object.report().addAlias(variable, other);
    boolean standsIn = object.overrides().find(other).isPresent()
        && object.overrides().find(variable).isEmpty();
    return standsIn ? other : variable;
  }

  public int integer(String key, String variable, int defaultValue, int min, int max) {
    return read(key, variable, Notation.integer(min, max), defaultValue).orElse(defaultValue);
  }

  /** So many as the machine has cores, unless something else is set. */
  public int perCore(String key, String variable, int max) {
    int cores = Runtime.getRuntime().availableProcessors();
    return read(key, variable, Notation.integer(1, max), cores, "cores").orElse(cores);
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
    return seconds(key, variable, defaultValue, Notation.written(defaultValue), min, max);
  }

  /** As above, where another setting counts unless this one is set. */
  public Duration seconds(
      String key, String variable, String other, Duration otherValue, double min, double max) {
    return seconds(key, variable, otherValue.toMillis() / 1_000.0, other, min, max);
  }

  private Duration seconds(
      String key, String variable, double defaultValue, String fallback, double min, double max) {
    Notation<Double> notation = Notation.decimal("a number of seconds", min, max);
    double seconds = read(key, variable, notation, defaultValue, fallback).orElse(defaultValue);
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
   * @param form what a file may hold
   * @param parse what the file holds, or the text of the variable, in which JSON stands for a list or an object; throws
   *     {@link IllegalArgumentException} with what is allowed, as in "must be …"
   */
  public <T> T value(
      String key, String variable, T defaultValue, Form form, Function<Object, T> parse) {
    object.describe(key, variable, Notation.written(defaultValue), form);
    Given given = object.given(key, variable);
    T value = defaultValue;
    try {
      Object written = object.written(given);
      if (written != null) {
        value = parse.apply(written);
      }
    } catch (IllegalArgumentException wrong) {
      object.reject(
          given,
          References.isReference(given.value().toString())
              ? notFrom(given.value().toString(), form)
              : wrong.getMessage());
    }
    object.note(key, variable, Notation.written(value), given, value.hashCode());
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

  private <T> Optional<T> read(String key, String variable, Notation<T> notation, T defaultValue) {
    return read(key, variable, notation, defaultValue, Notation.written(defaultValue));
  }

  /**
   * Empty only where nothing is set, there is no default, or what is set is wrong.
   *
   * @param defaultValue null where there is none
   * @param fallback what is told of it to those who look it up
   */
  private <T> Optional<T> read(
      String key, String variable, Notation<T> notation, T defaultValue, String fallback) {
    object.describe(key, variable, fallback, notation.form());
    Given given = object.given(key, variable);
    boolean single = !(given.value() instanceof JsonObject || given.value() instanceof JsonArray);
    if (!single) {
      reject(key, "must be a single value, got " + Shape.of(given.value()));
    }
    boolean found = given.isSet() && single;
    Optional<String> text = found ? object.resolve(given) : Optional.empty();
    Optional<T> value = found ? text.flatMap(notation.parse()) : Optional.ofNullable(defaultValue);
    if (text.isPresent()) {
      check(given, text.get(), value.isPresent(), notation);
    }
    object.note(key, variable, Notation.written(value.orElse(null)), given, value.hashCode());
    return value;
  }

  private void check(Given given, String text, boolean understood, Notation<?> notation) {
    String written = given.value().toString();
    boolean referred = !text.equals(written) || References.isReference(written);
    if (!understood) {
      object.reject(
          given,
          referred
              ? notFrom(written, notation.form())
              : "must be " + notation.form().allowed() + ", got " + quoted(written));
    } else if (!referred && !given.isVariable() && !notation.type().isInstance(given.value())) {
      object.reject(
          given, "must be " + notation.form().allowed() + ", got " + Shape.of(given.value()));
    }
  }

  /** What a reference stands for may be a secret, so it is not quoted. */
  private static String notFrom(String reference, Form form) {
    return "must be " + form.allowed() + ", got something else from " + reference;
  }

  private static String quoted(String text) {
    return text.length() > QUOTED ? text.substring(0, QUOTED) + "…" : text;
  }
}
