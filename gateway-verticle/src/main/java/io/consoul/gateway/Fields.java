package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.SessionId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The fields of a request's JSON, checked one by one: each fault names the field that is wrong, with where it stands. Fields
 * that nobody asks for are ignored.
 */
final class Fields {

  private static final int MAX_MODEL = 128;

  private final JsonObject json;
  private final String path;
  private final FieldLimits limits;

  private Fields(JsonObject json, String path, FieldLimits limits) {
    this.json = json;
    this.path = path;
    this.limits = limits;
  }

  /** @param json as {@link JsonText} reads it: its texts are well-formed, its numbers finite */
  static Fields of(JsonObject json, FieldLimits limits) {
    return new Fields(json, "", limits);
  }

  /** Whether there is a value, null not counted. */
  boolean has(String field) {
    return json.getValue(field) != null;
  }

  /** @throws FaultException E002 where it is missing, E003 where it is no text */
  String text(String field) {
    Object value = json.getValue(field);
    if (value == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField(path + field, "is required");
    }
    if (value instanceof String text) {
      return text;
    }
    throw wrong(field, "must be a string");
  }

  /** Null where there is none. */
  String optionalText(String field) {
    return has(field) ? text(field) : null;
  }

  /** As above, and not longer than so many characters. */
  String optionalText(String field, int max) {
    String text = optionalText(field);
    if (text != null && text.codePointCount(0, text.length()) > max) {
      throw wrong(field, "must be at most " + max + " characters");
    }
    return text;
  }

  /** The field {@code session_id}. */
  SessionId session() {
    return new SessionId(text("session_id"));
  }

  /** A user's message, not empty and not too long. */
  String message(String field) {
    String text = text(field);
    if (text.isEmpty()) {
      throw wrong(field, "must not be empty");
    }
    requireShort(field, text);
    return text;
  }

  /** @throws FaultException E005 for more than a user's message may have */
  void requireShort(String field, String text) {
    if (text.length() > limits.message()
        && text.codePointCount(0, text.length()) > limits.message()) {
      throw Fault.MESSAGE_TOO_LONG.inField(
          path + field, "must be at most " + limits.message() + " characters");
    }
  }

  /** The field {@code model}, or null where there is none. */
  String model() {
    String model = optionalText("model");
    if (model == null) {
      return null;
    }
    if (model.isEmpty() || model.codePointCount(0, model.length()) > MAX_MODEL) {
      throw wrong("model", "must be 1 to " + MAX_MODEL + " characters");
    }
    if (model.codePoints().anyMatch(Character::isISOControl)) {
      throw wrong("model", "must not hold control characters");
    }
    return model;
  }

  boolean flag(String field, boolean defaultValue) {
    Object value = json.getValue(field);
    if (value == null) {
      return defaultValue;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(field, "must be true or false");
  }

  /** The field {@code temperature}, or null where there is none. */
  Double temperature() {
    Double temperature = optionalNumber("temperature");
    if (temperature != null && !(temperature >= 0 && temperature <= limits.temperature())) {
      throw wrong("temperature", "must be a number from 0 to " + limits.temperature());
    }
    return temperature;
  }

  /** Null where there is none. */
  Integer maxTokens(String field) {
    return optionalInteger(field, 1, limits.maxTokens());
  }

  /** @return null where there is none */
  Double optionalNumber(String field) {
    Object value = json.getValue(field);
    if (value == null || value instanceof Number) {
      return value == null ? null : Double.valueOf(((Number) value).doubleValue());
    }
    throw wrong(field, "must be a number");
  }

  /** A whole number, also written as {@code 3.0}; null where there is none. */
  Integer optionalInteger(String field, int min, int max) {
    Double number = optionalNumber(field);
    if (number == null) {
      return null;
    }
    if (number != Math.rint(number) || number < min || number > max) {
      throw wrong(field, "must be an integer from " + min + " to " + max);
    }
    return number.intValue();
  }

  /** The objects of a list. */
  List<Fields> objects(String field, int min, int max) {
    if (!has(field)) {
      throw Fault.MISSING_REQUIRED_FIELD.inField(path + field, "is required");
    }
    if (!(json.getValue(field) instanceof JsonArray list)
        || list.size() < min
        || list.size() > max) {
      throw wrong(field, "must be a list of " + min + " to " + max + " objects");
    }
    return IntStream.range(0, list.size())
        .mapToObj(i -> item(list.getValue(i), field + "[" + i + "]"))
        .toList();
  }

  /** The fields of an object; a missing one is empty. */
  Fields object(String field) {
    return has(field)
        ? item(json.getValue(field), field)
        : new Fields(new JsonObject(), path + field + ".", limits);
  }

  /** All of them, to be passed on. */
  JsonObject json() {
    return json;
  }

  /**
   * An object of texts; a missing one is empty.
   *
   * @param max entries
   * @param maxName characters of an entry's name, which has at least one
   * @param maxText characters of an entry's text
   */
  Map<String, String> texts(String field, int max, int maxName, int maxText) {
    if (!has(field)) {
      return Map.of();
    }
    Fields object = item(json.getValue(field), field);
    if (object.json.size() > max) {
      throw wrong(field, "must have at most " + max + " entries");
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (String name : object.json.fieldNames()) {
      if (name.isEmpty() || name.codePointCount(0, name.length()) > maxName) {
        throw wrong(field, "must have names of 1 to " + maxName + " characters");
      }
      object.text(name);
      texts.put(name, object.optionalText(name, maxText));
    }
    return texts;
  }

  FaultException wrong(String field, String reason) {
    return Fault.FIELD_VALIDATION_FAILED.inField(path + field, reason);
  }

  private Fields item(Object value, String name) {
    if (value instanceof JsonObject object) {
      return new Fields(object, path + name + ".", limits);
    }
    throw wrong(name, "must be an object");
  }
}
