package io.consoul.config;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import java.util.Arrays;
import java.util.function.Function;

/** The text of an environment variable that holds several values. Nothing of it is quoted: they may be secrets. */
final class ListText {

  private ListText() {}

  /** JSON where it begins like JSON, else texts with commas between them; null where that JSON is malformed. */
  static JsonArray parse(String text) {
    if (text.startsWith("[")) {
      return json(text, JsonArray::new) instanceof JsonArray array ? array : null;
    }
    return text.startsWith("{")
        ? null
        : new JsonArray(Arrays.stream(text.split(","))
            .map(String::strip)
            .filter(item -> !item.isEmpty())
            .toList());
  }

  /** The malformed text itself where it cannot be read, so that it is of the wrong type for everybody. */
  static Object json(String text, Function<String, ?> parser) {
    try {
      return parser.apply(text);
    } catch (DecodeException malformed) {
      return text;
    }
  }
}
