package io.consoul.launcher;

import io.consoul.config.Rule;
import io.consoul.launcher.Meanings.Meaning;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The JSON Schema of one file of the configuration, for editors. Draft 07 is what most of them know. */
record ConfigSchema(Meanings meanings) {

  private static final String REFERENCE = "^\\$\\{(env|file):.+\\}$";

  JsonObject of(String file) {
    JsonObject schema = new JsonObject()
        .put("$schema", "http://json-schema.org/draft-07/schema#")
        .put("title", "Consoul: conf/" + file)
        .put("type", "object")
        .put("additionalProperties", false)
        .put(
            "properties",
            new JsonObject()
                .put(
                    "$schema",
                    new JsonObject()
                        .put("type", "string")
                        .put("description", "The schema of this file, for editors.")));
    Settings.of(file).forEach(rule -> add(schema, rule));
    return schema.put(
        "definitions",
        new JsonObject()
            .put(
                "reference",
                new JsonObject()
                    .put("type", "string")
                    .put("pattern", REFERENCE)
                    .put(
                        "description",
                        "${env:NAME} or ${file:PATH}: the value comes from there.")));
  }

  private void add(JsonObject root, Rule rule) {
    JsonObject place = root;
    String[] path = rule.key().split("\\.");
    for (int i = 0; i < path.length - 1; i++) {
      place = path[i].endsWith("[]")
          ? property(place, path[i].replace("[]", "")).getJsonObject("items")
          : section(place, path[i]);
    }
    JsonObject form = described(rule);
    if (Settings.isListOfObjects(rule)) {
      form.getJsonObject("items")
          .put("additionalProperties", false)
          .put("properties", new JsonObject());
    }
    place.getJsonObject("properties").put(path[path.length - 1], form);
  }

  private JsonObject described(Rule rule) {
    JsonObject form = new JsonObject();
    String meaning = meanings.of(rule).map(Meaning::sentence).orElse("");
    String variables =
        rule.variables().isEmpty() ? "" : " (" + String.join(", ", rule.variables()) + ")";
    String fallback = rule.fallback().isEmpty() ? "" : " Default: " + rule.fallback() + ".";
    form.put("description", meaning + fallback + variables);
    return form.mergeIn(rule.form().schema().copy());
  }

  private static JsonObject property(JsonObject place, String key) {
    return place.getJsonObject("properties").getJsonObject(key);
  }

  private static JsonObject section(JsonObject place, String key) {
    JsonObject properties = place.getJsonObject("properties");
    if (!properties.containsKey(key)) {
      properties.put(
          key,
          new JsonObject()
              .put("type", new JsonArray().add("object").add("null"))
              .put("additionalProperties", false)
              .put("properties", new JsonObject()));
    }
    return properties.getJsonObject(key);
  }
}
