package io.consoul.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.Predicate;

/** What kind of value was found where another one is wanted. Not the value: a secret may stand anywhere in it. */
final class Shape {

  private Shape() {}

  static String of(Object value) {
    if (value instanceof JsonObject) {
      return "an object";
    }
    if (value instanceof JsonArray) {
      return "a list";
    }
    if (value instanceof Number) {
      return "a number";
    }
    return value instanceof String ? "a string" : String.valueOf(value);
  }

  /** @param item what all that is in the list should be */
  static String ofList(Object value, Predicate<Object> item) {
    return value instanceof JsonArray array
        ? "a list with "
            + array.stream().filter(item.negate()).map(Shape::of).findFirst().orElse("nothing")
        : of(value);
  }
}
