package io.consoul.provider.gemini;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/**
 * JSON schema in the dialect of it that Gemini understands. A request with any other key in a schema is refused as a whole, so
 * what only narrows a value is left out.
 */
final class GeminiSchema {

  private static final Set<String> SAME = Set.of(
      "title",
      "description",
      "nullable",
      "default",
      "minItems",
      "maxItems",
      "minProperties",
      "maxProperties",
      "minLength",
      "maxLength",
      "pattern",
      "minimum",
      "maximum",
      "propertyOrdering");

  private static final Set<String> FORMATS =
      Set.of("enum", "date-time", "float", "double", "int32", "int64");

  private GeminiSchema() {}

  /** Whether a schema has no references: those only plain JSON schema knows. */
  static boolean canSay(JsonObject schema) {
    return !schema.encode().contains("\"$ref\"");
  }

  static JsonObject of(JsonObject schema) {
    JsonObject result = new JsonObject();
    for (String key : SAME) {
      if (schema.getValue(key) != null) {
        result.put(key, schema.getValue(key));
      }
    }
    if (schema.getValue("format") instanceof String format && FORMATS.contains(format)) {
      result.put("format", format);
    }
    type(schema.getValue("type"), result);
    values(schema, result);
    if (schema.getValue("items") instanceof JsonObject items) {
      result.put("items", of(items));
    }
    if (schema.getValue("properties") instanceof JsonObject properties) {
      properties(properties, schema.getValue("required"), result);
    }
    alternatives(schema.getValue("anyOf"), result);
    alternatives(schema.getValue("oneOf"), result);
    return result;
  }

  /** JSON schema says in a list of types that a value may be null. */
  private static void type(Object type, JsonObject result) {
    if (type instanceof String) {
      result.put("type", type);
    } else if (type instanceof JsonArray types) {
      JsonArray each = new JsonArray();
      types.forEach(name -> each.add(new JsonObject().put("type", name)));
      alternatives(each, result);
    }
  }

  /** Only texts can be listed. */
  private static void values(JsonObject schema, JsonObject result) {
    if (schema.getValue("const") instanceof String only) {
      result.put("enum", new JsonArray().add(only));
    } else if (schema.getValue("enum") instanceof JsonArray values) {
      JsonArray texts = new JsonArray();
      values.stream().filter(String.class::isInstance).forEach(texts::add);
      boolean nullable = values.contains(null);
      if (!texts.isEmpty() && texts.size() + (nullable ? 1 : 0) == values.size()) {
        result.put("enum", texts);
      }
      if (nullable) {
        result.put("nullable", true);
      }
    }
  }

  private static void properties(JsonObject properties, Object required, JsonObject result) {
    JsonObject kept = new JsonObject();
    for (String name : properties.fieldNames()) {
      if (properties.getValue(name) instanceof JsonObject property) {
        kept.put(name, of(property));
      }
    }
    result.put("properties", kept);
    if (required instanceof JsonArray names) {
      JsonArray known = new JsonArray();
      names.stream()
          .filter(name -> name instanceof String text && kept.containsKey(text))
          .forEach(known::add);
      if (!known.isEmpty()) {
        result.put("required", known);
      }
    }
  }

  private static void alternatives(Object schemas, JsonObject result) {
    if (!(schemas instanceof JsonArray all)) {
      return;
    }
    JsonArray kept = new JsonArray();
    for (Object each : all) {
      if (each instanceof JsonObject schema) {
        if ("null".equals(schema.getValue("type"))) {
          result.put("nullable", true);
        } else {
          kept.add(of(schema));
        }
      }
    }
    if (kept.size() == 1) {
      result.mergeIn(kept.getJsonObject(0));
    } else if (!kept.isEmpty()) {
      result.put("anyOf", kept);
    }
  }
}
