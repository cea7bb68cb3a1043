package io.consoul.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The schemas of a document, each whole in itself, and what they say of values. */
final class Schemas {

  private final JsonObject document;
  private final SchemaRepository repository;
  private final Map<JsonObject, Validator> validators = new IdentityHashMap<>();
  private final Map<JsonObject, JsonObject> known = new HashMap<>();
  private final Map<JsonObject, JsonObject> strict = new HashMap<>();

  Schemas(Vertx vertx, JsonObject document) {
    this.document = document;
    this.repository = SchemaRepository.create(new JsonSchemaOptions()
            .setBaseUri("app://consoul")
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(OutputFormat.Basic))
        .preloadMetaSchema(vertx.fileSystem());
  }

  /** The schema of this name, with everything that it refers to inside it. */
  JsonObject named(String name) {
    return of(reference(name));
  }

  /** As above, of one that stands somewhere in the document. */
  JsonObject of(JsonObject schema) {
    return known.computeIfAbsent(schema, same -> (JsonObject) inlined(schema));
  }

  /** As above, and fields that it does not list are wrong. */
  JsonObject strictly(JsonObject schema) {
    return strict.computeIfAbsent(schema, same -> (JsonObject) closed(of(schema)));
  }

  /**
   * What is wrong with a value; empty where it is as the schema says.
   *
   * @param schema that this class gave
   */
  String complaint(JsonObject schema, Object value) {
    Validator validator = validators.computeIfAbsent(
        schema, // a copy: it is written into
        same -> repository.validator(JsonSchema.of(schema.copy())));
    OutputUnit result = validator.validate(value);
    if (result.getValid()) {
      return "";
    }
    return result.getErrors() == null
        ? "is not valid"
        : result.getErrors().stream()
            .map(error -> error.getInstanceLocation() + " " + error.getError())
            .collect(Collectors.joining("; "));
  }

  /** As above, and fields that the schema does not list are wrong too. */
  String strictComplaint(String schemaName, Object value) {
    return complaint(strictly(reference(schemaName)), value);
  }

  /** What a reference refers to; anything else is itself. */
  Object resolved(Object value) {
    return value instanceof JsonObject object && object.containsKey("$ref")
        ? Stream.of(object.getString("$ref").substring(2).split("/"))
            .reduce(document, JsonObject::getJsonObject, (a, b) -> b)
        : value;
  }

  private static JsonObject reference(String schema) {
    return new JsonObject().put("$ref", "#/components/schemas/" + schema);
  }

  private Object inlined(Object given) {
    Object value = resolved(given);
    if (value instanceof JsonObject object) {
      JsonObject copy = new JsonObject();
      object.forEach(entry -> copy.put(entry.getKey(), inlined(entry.getValue())));
      if (copy.getValue("pattern") instanceof String pattern) {
        // In JSON Schema a dollar is the end; in Java it may stand before a last line break too.
        copy.put("pattern", pattern.replaceFirst("\\$$", "\\\\z"));
      }
      return copy;
    }
    if (value instanceof JsonArray list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(each -> copy.add(inlined(each)));
      return new JsonArray(copy);
    }
    return value;
  }

  /** The same schema, but fields that it does not list are wrong. */
  private static Object closed(Object value) {
    if (value instanceof JsonObject object) {
      JsonObject copy = new JsonObject();
      object.forEach(entry -> copy.put(entry.getKey(), closed(entry.getValue())));
      boolean isObject = object.getValue("properties") instanceof JsonObject;
      return isObject && !object.containsKey("additionalProperties")
          ? copy.put("additionalProperties", false)
          : copy;
    }
    return value instanceof JsonArray list
        ? new JsonArray(list.stream().map(Schemas::closed).toList())
        : value;
  }
}
