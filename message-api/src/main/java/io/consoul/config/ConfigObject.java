package io.consoul.config;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One JSON object of a configuration, with the variables that stand above it: finds what is set for a key, and tells where that
 * came from.
 */
final class ConfigObject {

  /**
   * What is set for a key.
   *
   * @param value as the file holds it, or the text of the variable; null where nothing is set
   * @param origin as {@link ConfigReport.Setting} has it
   * @param place stands in messages about it
   * @param isVariable whether it is the variable's text
   */
  record Given(Object value, String origin, String place, boolean isVariable) {

    boolean isSet() {
      return value != null;
    }
  }

  /** A list and where it came from; an empty one where it is wrong or not set. */
  record Items(JsonArray list, Given given) {

    Given at(int index) {
      return new Given(
          list.getValue(index),
          given.origin(),
          given.place() + "[" + index + "]",
          given.isVariable());
    }
  }

  private final String file;
  private final String path;

  /** Stands before a key in messages: the file and the path, or the variable that holds the object. */
  private final String place;

  private final String origin;
  private final JsonObject json;
  private final Overrides overrides;
  private final ConfigReport report;

  /** The keys that somebody asked for, each with the place of what is in force. */
  private final Map<String, String> known = new LinkedHashMap<>();

  private ConfigObject(
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

  /** The one that a file holds. */
  static ConfigObject of(String file, JsonObject json, Overrides overrides, ConfigReport report) {
    return new ConfigObject(file, "", file + ": ", "file", json, overrides, report);
  }

  /** @param variable null where there is none */
  Given given(String key, String variable) {
    Given given = Optional.ofNullable(variable)
        .flatMap(overrides::find)
        .map(set -> new Given(set.text(), set.origin(), set.origin(), true))
        .orElseGet(() -> inFile(key));
    known.put(key, given.place());
    return given;
  }

  private Given inFile(String key) {
    Object value = json.getValue(key);
    return new Given(value, value == null ? "default" : origin, place + key, false);
  }

  /** What a reference stands for is taken in its place; empty, and a problem, where it leads nowhere. */
  Optional<String> resolve(Given given) {
    return new References(overrides, report).resolve(given.value().toString(), given.place());
  }

  /**
   * A value in a notation of its own: what a reference stands for may be JSON, as the text of a variable may.
   *
   * @return null where nothing is set, or where a reference leads nowhere
   * @throws IllegalArgumentException when it is not the JSON that it begins like
   */
  Object written(Given given) {
    if (!(given.value() instanceof String text)) {
      return given.value();
    }
    boolean isText = !given.isVariable() && !References.isReference(text);
    return isText ? text : resolve(given).map(ConfigObject::json).orElse(null);
  }

  private static Object json(String text) {
    try {
      return text.startsWith("[") || text.startsWith("{") ? Json.decodeValue(text) : text;
    } catch (DecodeException malformed) {
      throw new IllegalArgumentException("is not valid JSON");
    }
  }

  /** A missing one is empty. */
  ConfigObject section(String key) {
    Object value = given(key, null).value();
    if (value != null && !(value instanceof JsonObject)) {
      reject(key, "must be an object, got " + Shape.of(value));
    }
    return inside(key, value instanceof JsonObject object ? object : new JsonObject());
  }

  /** @param items what is to be in the list, as messages have it */
  Items list(String key, Predicate<Object> item, String items) {
    Given given = given(key, null);
    if (given.value() instanceof JsonArray array && array.stream().allMatch(item)) {
      return new Items(array, given);
    }
    if (given.isSet()) {
      reject(key, "must be a list of " + items + ", got " + Shape.ofList(given.value(), item));
    }
    return new Items(new JsonArray(), given);
  }

  /** As above, where a variable may hold the list too. */
  Items list(String key, String variable, Predicate<Object> item, String items) {
    Given given = given(key, variable);
    if (!given.isVariable()) {
      return list(key, item, items);
    }
    JsonArray list = ListText.parse(given.value().toString());
    if (list == null || !list.stream().allMatch(item)) {
      report.addProblem(given.place() + " must be a list of " + items
          + ": as JSON, or strings with commas between them");
      return new Items(new JsonArray(), given);
    }
    return new Items(list, given);
  }

  /** One of a list's, wherever the list stands. */
  ConfigObject item(String key, int index, JsonObject object, Given list) {
    String inside = "[" + index + "].";
    return new ConfigObject(
        file, path + key + inside, list.place() + inside, list.origin(), object, overrides, report);
  }

  private ConfigObject inside(String key, JsonObject object) {
    String inside = key + ".";
    return new ConfigObject(file, path + inside, place + inside, origin, object, overrides, report);
  }

  /** Puts down what may be set, whatever is. */
  void describe(String key, String variable, String fallback, Form form) {
    report.add(file, path + key, variable, fallback, form);
  }

  /** Puts down what is in force for a key. */
  void note(String key, String variable, String value, Given given, int mark) {
    note(key, variable, value, given.origin(), mark);
  }

  void note(String key, String variable, String value, String from, int mark) {
    report.add(new ConfigReport.Setting(file, path + key, variable, value, from, mark));
  }

  /** Names the variable where that is in force. */
  void reject(String key, String problem) {
    report.addProblem(known.getOrDefault(key, place + key) + " " + problem);
  }

  void reject(Given given, String problem) {
    report.addProblem(given.place() + " " + problem);
  }

  void warn(String key, String warning) {
    overrides.warn(known.getOrDefault(key, place + key) + " " + warning);
  }

  Overrides overrides() {
    return overrides;
  }

  ConfigReport report() {
    return report;
  }

  /** A file may name its JSON Schema, for editors. */
  private boolean isSchema(String key) {
    return path.isEmpty() && key.equals("$schema") && json.getValue(key) instanceof String;
  }

  /** @param secretive whether a key that is like none of the known ones may be a secret, and is not named */
  void refuseUnknown(boolean secretive) {
    Set<String> names = known.keySet();
    json.fieldNames().stream()
        .filter(key -> !names.contains(key) && !isSchema(key))
        .forEach(key -> {
          Optional<String> meant = Nearest.to(key, names);
          if (meant.isPresent()) {
            reject(key, "is not a known key; did you mean " + meant.get() + "?");
          } else if (secretive) {
            report.addProblem(place.substring(0, place.length() - 1)
                + " has a key that is not known; known here: " + String.join(", ", names));
          } else {
            reject(key, "is not a known key; known here: " + String.join(", ", names));
          }
        });
  }
}
