package io.consoul.provider.ollama;

import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Writes the body of a chat request. */
final class OllamaRequest {

  /** Options that Ollama calls as the caller does. */
  private static final List<String> SAME =
      List.of("top_p", "top_k", "seed", "num_ctx", "presence_penalty", "frequency_penalty");

  Buffer write(Completion completion) {
    JsonObject options = completion.options().toJson();
    JsonObject body = new JsonObject()
        .put("model", completion.model())
        .put("stream", true)
        .put("messages", new OllamaMessages(completion).messages());
    JsonObject ownOptions = options(completion.settings(), options);
    if (!ownOptions.isEmpty()) {
      body.put("options", ownOptions);
    }
    // Ollama knows no choice of tools; a model that shall use none is told of none.
    if (options.getValue("tools") instanceof JsonArray tools
        && !tools.isEmpty()
        && !"none".equals(options.getValue("tool_choice"))) {
      body.put("tools", tools);
    }
    if (options.getValue("response_format") instanceof JsonObject format) {
      answerIn(format, body);
    }
    if (options.getValue("reasoning_effort") instanceof String effort) {
      body.put("think", thinking(effort));
    }
    return body.toBuffer();
  }

  private static JsonObject options(Settings settings, JsonObject options) {
    JsonObject own = new JsonObject();
    if (settings.temperature() != null) {
      own.put("temperature", settings.temperature());
    }
    if (settings.maxTokens() != null) {
      own.put("num_predict", settings.maxTokens());
    }
    for (String key : SAME) {
      if (options.getValue(key) != null) {
        own.put(key, options.getValue(key));
      }
    }
    if (options.getValue("stop") instanceof String stop) {
      own.put("stop", new JsonArray().add(stop));
    } else if (options.getValue("stop") instanceof JsonArray stops && !stops.isEmpty()) {
      own.put("stop", stops);
    }
    return own;
  }

  private static void answerIn(JsonObject format, JsonObject body) {
    Object type = format.getValue("type");
    if ("json_object".equals(type)) {
      body.put("format", "json");
    } else if ("json_schema".equals(type)
        && format.getValue("json_schema") instanceof JsonObject named) {
      body.put("format", named.getValue("schema") instanceof JsonObject schema ? schema : "json");
    }
  }

  private static Object thinking(String effort) {
    return switch (effort) {
      case "none" -> false;
      case "minimal", "low" -> "low";
      case "medium" -> "medium";
      case "high", "xhigh" -> "high";
      case "max" -> "max";
      default -> true;
    };
  }
}
