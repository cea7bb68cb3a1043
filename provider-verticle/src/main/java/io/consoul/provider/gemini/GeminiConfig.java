package io.consoul.provider.gemini;

import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.regex.Pattern;

/** How an answer is to be generated, in Gemini's words. */
final class GeminiConfig {

  private static final Map<String, String> SAME = Map.of(
      "top_p", "topP",
      "top_k", "topK",
      "seed", "seed",
      "presence_penalty", "presencePenalty",
      "frequency_penalty", "frequencyPenalty");

  /** Until its second generation Gemini counts the tokens of its thoughts instead of knowing levels. */
  private static final Pattern COUNTS_THOUGHTS = Pattern.compile("gemini-[12]\\D.*");

  private GeminiConfig() {}

  static JsonObject of(Completion completion, JsonObject options) {
    JsonObject config = new JsonObject();
    Settings settings = completion.settings();
    if (settings.temperature() != null) {
      config.put("temperature", settings.temperature());
    }
    if (settings.maxTokens() != null) {
      config.put("maxOutputTokens", settings.maxTokens());
    }
    SAME.forEach((ours, theirs) -> {
      if (options.getValue(ours) != null) {
        config.put(theirs, options.getValue(ours));
      }
    });
    if (options.getValue("stop") instanceof String stop) {
      config.put("stopSequences", new JsonArray().add(stop));
    } else if (options.getValue("stop") instanceof JsonArray stops && !stops.isEmpty()) {
      config.put("stopSequences", stops);
    }
    if (options.getValue("response_format") instanceof JsonObject format) {
      answerIn(format, config);
    }
    if (options.getValue("reasoning_effort") instanceof String effort) {
      config.put("thinkingConfig", thinking(effort, completion.model()));
    }
    return config;
  }

  private static void answerIn(JsonObject format, JsonObject config) {
    Object type = format.getValue("type");
    if ("json_object".equals(type) || "json_schema".equals(type)) {
      config.put("responseMimeType", "application/json");
    }
    if ("json_schema".equals(type)
        && format.getValue("json_schema") instanceof JsonObject named
        && named.getValue("schema") instanceof JsonObject schema) {
      if (GeminiSchema.canSay(schema)) {
        config.put("responseSchema", GeminiSchema.of(schema));
      } else {
        config.put("responseJsonSchema", schema);
      }
    }
  }

  private static JsonObject thinking(String effort, String model) {
    JsonObject thinking = new JsonObject().put("includeThoughts", !effort.equals("none"));
    if (COUNTS_THOUGHTS.matcher(model).matches()) {
      // As Google itself translates OpenAI's words.
      int budget = switch (effort) {
        case "none" -> 0;
        case "minimal", "low" -> 1_024;
        case "medium" -> 8_192;
        default -> 24_576;
      };
      return thinking.put("thinkingBudget", budget);
    }
    String level = switch (effort) {
      case "none", "minimal" -> "MINIMAL";
      case "low" -> "LOW";
      case "medium" -> "MEDIUM";
      default -> "HIGH";
    };
    return thinking.put("thinkingLevel", level);
  }
}
