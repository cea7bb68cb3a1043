package io.consoul.provider.gemini;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The tools that a model may use, in Gemini's words. */
final class GeminiTools {

  private GeminiTools() {}

  /** Only functions: other kinds are OpenAI's own. */
  static JsonArray declarations(JsonObject options) {
    JsonArray declarations = new JsonArray();
    if (options.getValue("tools") instanceof JsonArray tools) {
      for (Object each : tools) {
        if (each instanceof JsonObject tool
            && tool.getValue("function") instanceof JsonObject function) {
          declarations.add(declaration(function));
        }
      }
    }
    return declarations;
  }

  private static JsonObject declaration(JsonObject function) {
    JsonObject declaration = new JsonObject().put("name", function.getValue("name"));
    if (function.getValue("description") instanceof String description) {
      declaration.put("description", description);
    }
    if (function.getValue("parameters") instanceof JsonObject schema) {
      if (!GeminiSchema.canSay(schema)) {
        declaration.put("parametersJsonSchema", schema);
      } else if (schema.getValue("properties") instanceof JsonObject properties
          && !properties.isEmpty()) {
        declaration.put("parameters", GeminiSchema.of(schema));
      }
      // An object without properties is refused; no parameters mean the same.
    }
    return declaration;
  }

  /** Null where the choice is the model's, as by default. */
  static JsonObject choice(Object choice) {
    if (choice instanceof String word) {
      return switch (word) {
        case "none" -> mode("NONE");
        case "required" -> mode("ANY");
        case "auto" -> mode("AUTO");
        default -> null;
      };
    }
    if (choice instanceof JsonObject object) {
      if (object.getValue("function") instanceof JsonObject function) {
        return mode("ANY")
            .put("allowedFunctionNames", new JsonArray().add(function.getValue("name")));
      }
      if (object.getValue("allowed_tools") instanceof JsonObject allowed) {
        // With AUTO the names would be refused; VALIDATED leaves the choice between text and one of
        // them.
        return mode("required".equals(allowed.getValue("mode")) ? "ANY" : "VALIDATED")
            .put("allowedFunctionNames", names(allowed.getValue("tools")));
      }
    }
    return null;
  }

  private static JsonObject mode(String mode) {
    return new JsonObject().put("mode", mode);
  }

  private static JsonArray names(Object tools) {
    JsonArray names = new JsonArray();
    if (tools instanceof JsonArray array) {
      for (Object each : array) {
        if (each instanceof JsonObject tool
            && tool.getValue("function") instanceof JsonObject function) {
          names.add(function.getValue("name"));
        }
      }
    }
    return names;
  }
}
