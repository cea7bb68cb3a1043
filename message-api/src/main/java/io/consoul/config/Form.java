package io.consoul.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a key of a configuration file may hold. Null stands for "not set" everywhere.
 *
 * @param allowed for people
 * @param schema for editors, as JSON Schema has it
 */
public record Form(String allowed, JsonObject schema) {

  static final Form TEXT = new Form("text", type("string"));

  static final Form FLAG = new Form("true or false", orReference(type("boolean")));

  static final Form TEXTS = list("a list of strings", new JsonObject().put("type", "string"));

  static final Form TABLE = new Form(
      "an object of strings",
      type("object").put("additionalProperties", new JsonObject().put("type", "string")));

  static final Form OBJECTS = list("a list of objects", new JsonObject().put("type", "object"));

  static Form integer(int min, int max) {
    return new Form(
        "an integer from " + min + " to " + max,
        orReference(type("integer").put("minimum", min).put("maximum", max)));
  }

  /** @param what there are so many of */
  static Form decimal(String what, double min, double max) {
    return new Form(
        what + " from " + plain(min) + " to " + plain(max),
        orReference(type("number").put("minimum", number(min)).put("maximum", number(max))));
  }

  static Form constants(List<String> names) {
    String anyCase = names.stream().map(Form::inAnyCase).collect(Collectors.joining("|"));
    return new Form(
        "one of " + String.join(", ", names),
        new JsonObject()
            .put(
                "anyOf",
                new JsonArray()
                    .add(
                        new JsonObject().put("enum", new JsonArray(names).copy().addNull()))
                    .add(new JsonObject()
                        .put("type", "string")
                        .put("pattern", "^(" + anyCase + ")$"))
                    .add(reference())));
  }

  /** @param textKey the only key of an object that a text stands for */
  static Form objectsOrTexts(String textKey) {
    return list(
        "a list of objects, or strings that stand for their " + textKey,
        new JsonObject().put("type", new JsonArray().add("object").add("string")));
  }

  private static Form list(String allowed, JsonObject items) {
    return new Form(allowed, type("array").put("items", items));
  }

  private static JsonObject type(String type) {
    return new JsonObject().put("type", new JsonArray().add(type).add("null"));
  }

  /** A number or a flag can come from elsewhere, as secrets do. */
  private static JsonObject orReference(JsonObject form) {
    return new JsonObject().put("anyOf", new JsonArray().add(form).add(reference()));
  }

  private static JsonObject reference() {
    return new JsonObject().put("$ref", "#/definitions/reference");
  }

  private static String inAnyCase(String name) {
    return name.chars()
        .mapToObj(Character::toString)
        .map(c -> c.equals("-") ? "[-_]" : "[" + c + c.toUpperCase(Locale.ROOT) + "]")
        .collect(Collectors.joining());
  }

  private static Number number(double number) {
    return number == Math.rint(number) ? (Number) (long) number : (Number) number;
  }

  static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
