package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BeginTurn;
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

  private Fields(JsonObject json, String path) {
    this.json = json;
    this.path = path;
  }

  static Fields of(JsonObject json) {
    return new Fields(json, "");
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

  /** Well-formed Unicode, or null where there is none. */
  String optionalText(String field) {
    return has(field) ? wellFormed(field, text(field)) : null;
  }

  /** The field {@code session_id}. */
  SessionId session() {
    return new SessionId(text("session_id"));
  }

  /** A user's message, 1 to 32,768 characters. */
  String message(String field) {
    String text = text(field);
    if (text.isEmpty()) {
      throw wrong(field, "must not be empty");
    }
    if (text.length() > BeginTurn.MAX_TEXT
        && text.codePointCount(0, text.length()) > BeginTurn.MAX_TEXT) {
      throw Fault.MESSAGE_TOO_LONG.inField(
          path + field, "must be at most " + BeginTurn.MAX_TEXT + " characters");
    }
    return wellFormed(field, text);
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
        : new Fields(new JsonObject(), path + field + ".");
  }

  /** An object of texts; a missing one is empty. */
  Map<String, String> texts(String field) {
    Map<String, String> texts = new LinkedHashMap<>();
    if (has(field)) {
      Fields object = item(json.getValue(field), field);
      object
          .json
          .fieldNames()
          .forEach(name -> texts.put(name, object.wellFormed(name, object.text(name))));
    }
    return texts;
  }

  FaultException wrong(String field, String reason) {
    return Fault.FIELD_VALIDATION_FAILED.inField(path + field, reason);
  }

  private Fields item(Object value, String name) {
    if (value instanceof JsonObject object) {
      return new Fields(object, path + name + ".");
    }
    throw wrong(name, "must be an object");
  }

  /** A surrogate that stands alone has no UTF-8 form: it could be neither stored nor sent. */
  private String wellFormed(String field, String text) {
    return requireWellFormed(path + field, text);
  }

  /** @throws FaultException E003 that names the place, for text that could be neither stored nor sent */
  static String requireWellFormed(String place, String text) {
    if (text.codePoints().anyMatch(Fields::isLoneSurrogate)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(place, "must be well-formed Unicode");
    }
    return text;
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
