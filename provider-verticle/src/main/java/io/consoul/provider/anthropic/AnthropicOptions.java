package io.consoul.provider.anthropic;

import io.consoul.message.CompletionOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Set;

/** Translates a caller's options; those that have no word here are left out. */
final class AnthropicOptions {

  private static final Set<String> EFFORTS = Set.of("low", "medium", "high", "xhigh", "max");

  private AnthropicOptions() {}

  static void put(CompletionOptions options, JsonObject body) {
    if (options.isEmpty()) {
      return;
    }
    JsonObject asked = options.toJson();
    putNumber(asked, "top_p", body);
    putNumber(asked, "top_k", body);
    JsonArray stops = stops(asked.getValue("stop"));
    if (!stops.isEmpty()) {
      body.put("stop_sequences", stops);
    }
    if (asked.getValue("user") instanceof String user && !user.isBlank()) {
      body.put("metadata", new JsonObject().put("user_id", user));
    }
    JsonObject output = output(asked);
    if (!output.isEmpty()) {
      body.put("output_config", output);
    }
    putTools(asked, body);
  }

  private static void putNumber(JsonObject asked, String key, JsonObject body) {
    if (asked.getValue(key) instanceof Number number) {
      body.put(key, number);
    }
  }

  /** The API refuses sequences of white space alone. */
  private static JsonArray stops(Object stop) {
    JsonArray sequences = new JsonArray();
    for (Object each : stop instanceof JsonArray several ? several : JsonArray.of(stop)) {
      if (each instanceof String sequence && !sequence.isBlank()) {
        sequences.add(sequence);
      }
    }
    return sequences;
  }

  /** There is no word for any JSON, only for that of a schema. */
  private static JsonObject output(JsonObject asked) {
    JsonObject output = new JsonObject();
    if (asked.getValue("reasoning_effort") instanceof String effort && EFFORTS.contains(effort)) {
      output.put("effort", effort);
    }
    if (asked.getValue("response_format") instanceof JsonObject format
        && format.getValue("json_schema") instanceof JsonObject named
        && named.getValue("schema") instanceof JsonObject schema) {
      output.put("format", type("json_schema").put("schema", schema));
    }
    return output;
  }

  private static void putTools(JsonObject asked, JsonObject body) {
    Object choice = asked.getValue("tool_choice");
    JsonObject allowed = choice instanceof JsonObject object ? allowed(object) : null;
    JsonArray tools = tools(asked.getValue("tools"), allowed);
    if (tools.isEmpty()) {
      // A choice without tools is refused.
      return;
    }
    body.put("tools", tools);
    JsonObject translated = choice(allowed == null ? choice : allowed.getValue("mode"));
    if (Boolean.FALSE.equals(asked.getValue("parallel_tool_calls"))) {
      translated = translated == null ? type("auto") : translated;
      if (!"none".equals(translated.getString("type"))) {
        translated.put("disable_parallel_tool_use", true);
      }
    }
    if (translated != null) {
      body.put("tool_choice", translated);
    }
  }

  /** @param allowed null where all of them are */
  private static JsonArray tools(Object tools, JsonObject allowed) {
    JsonArray translated = new JsonArray();
    if (tools instanceof JsonArray array) {
      Set<String> names =
          allowed == null ? null : namesOf(allowed.getValue("tools"), new HashSet<>());
      for (Object each : array) {
        JsonObject function = function(each);
        if (function != null && (names == null || names.contains(function.getString("name")))) {
          translated.add(tool(function));
        }
      }
    }
    return translated;
  }

  private static JsonObject tool(JsonObject function) {
    JsonObject tool = new JsonObject().put("name", function.getString("name"));
    if (function.getValue("description") instanceof String description) {
      tool.put("description", description);
    }
    return tool.put(
        "input_schema",
        function.getValue("parameters") instanceof JsonObject schema
            ? schema
            : type("object").put("properties", new JsonObject()));
  }

  /** Null when it is none that has a name: tools of other kinds are unknown here. */
  private static JsonObject function(Object tool) {
    return tool instanceof JsonObject object
            && object.getValue("function") instanceof JsonObject function
            && function.getValue("name") instanceof String
        ? function
        : null;
  }

  private static JsonObject allowed(JsonObject choice) {
    return choice.getValue("allowed_tools") instanceof JsonObject allowed ? allowed : null;
  }

  private static Set<String> namesOf(Object tools, Set<String> names) {
    if (tools instanceof JsonArray array) {
      for (Object each : array) {
        JsonObject function = function(each);
        if (function != null) {
          names.add(function.getString("name"));
        }
      }
    }
    return names;
  }

  /** Null for the API's own choice. */
  private static JsonObject choice(Object choice) {
    JsonObject named = function(choice);
    if (named != null) {
      return type("tool").put("name", named.getString("name"));
    }
    if ("required".equals(choice)) {
      return type("any");
    }
    return "auto".equals(choice) || "none".equals(choice) ? type((String) choice) : null;
  }

  private static JsonObject type(String type) {
    return new JsonObject().put("type", type);
  }
}
