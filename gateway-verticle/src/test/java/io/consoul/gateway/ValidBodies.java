package io.consoul.gateway;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Random;

/** Makes up values that are as a schema says. All of it follows from the seed. */
final class ValidBodies {

  private static final int[] CHARACTERS = {
    'a', 'Z', '0', ' ', '"', '\\', '/', '{', '[', ',', ':', '%', '<', 0xE9, 0x416, 0x4E2D, 0x1F600,
    0x10FFFF, 0xFEFF, 0x202E, 0xFFFD
  };

  private final Random random;

  ValidBodies(Random random) {
    this.random = random;
  }

  Object valueOf(JsonObject schema) {
    if (schema.containsKey("const")) {
      return schema.getValue("const");
    }
    for (String choice : List.of("enum", "anyOf", "oneOf")) {
      if (schema.containsKey(choice)) {
        Object chosen = oneOf(schema.getJsonArray(choice));
        return choice.equals("enum") ? chosen : valueOf((JsonObject) chosen);
      }
    }
    return switch (typeOf(schema)) {
      case "object" -> object(schema);
      case "array" -> list(schema);
      case "string" -> string(schema);
      case "integer" -> integer(schema);
      case "number" -> number(schema);
      case "boolean" -> random.nextBoolean();
      default -> null;
    };
  }

  /** What has no type may be anything. */
  private String typeOf(JsonObject schema) {
    Object type = schema.getValue("type", new JsonArray(List.of("string", "integer", "null")));
    return type instanceof JsonArray several ? (String) oneOf(several) : (String) type;
  }

  private JsonObject object(JsonObject schema) {
    JsonObject properties = schema.getJsonObject("properties", new JsonObject());
    JsonArray required = schema.getJsonArray("required", new JsonArray());
    JsonObject object = new JsonObject();
    properties.forEach(property -> {
      if (required.contains(property.getKey()) || random.nextBoolean()) {
        object.put(property.getKey(), valueOf((JsonObject) property.getValue()));
      }
    });
    if (schema.getValue("additionalProperties") instanceof JsonObject entry) {
      int entries = random.nextInt(1 + Math.min(20, schema.getInteger("maxProperties", 3)));
      for (int i = 0; i < entries; i++) {
        object.put("k" + i, valueOf(entry));
      }
    } else if (random.nextInt(8) == 0) {
      object.put("not_known_" + random.nextInt(9), List.of(1, "x", new JsonObject()));
    }
    return object;
  }

  private JsonArray list(JsonObject schema) {
    int min = schema.getInteger("minItems", 0);
    int max = Math.min(schema.getInteger("maxItems", min + 3), min + 12);
    JsonArray list = new JsonArray();
    for (int left = min + random.nextInt(max - min + 1); left > 0; left--) {
      list.add(valueOf(schema.getJsonObject("items", new JsonObject())));
    }
    return list;
  }

  private String string(JsonObject schema) {
    int min = schema.getInteger("minLength", 0);
    int max = schema.getInteger("maxLength", 50);
    int length = random.nextInt(20) == 0 ? max : min + random.nextInt(Math.min(12, max - min + 1));
    if (length > 1_000) {
      return new String(Character.toChars(character())).repeat(length);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(character());
    }
    return text.toString();
  }

  private int character() {
    return CHARACTERS[random.nextInt(CHARACTERS.length)];
  }

  private long integer(JsonObject schema) {
    long min = schema.getLong("minimum", -5L);
    long max = schema.getLong("maximum", 1_000L);
    return switch (random.nextInt(4)) {
      case 0 -> min;
      case 1 -> max;
      default -> min + (long) (random.nextDouble() * (max - min + 1));
    };
  }

  private double number(JsonObject schema) {
    double min = schema.getDouble("minimum", -5.0);
    double max = schema.getDouble("maximum", 1_000.0);
    return min + random.nextDouble() * (max - min);
  }

  private Object oneOf(JsonArray choices) {
    return choices.getValue(random.nextInt(choices.size()));
  }
}
