package io.consoul.provider.openai;

import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;

/** Reads what a chat completion has cost, in OpenAI's words and those that compatible servers have for the same. */
final class OpenAiUsage {

  private OpenAiUsage() {}

  /** Null where it tells nothing. */
  static Usage read(JsonObject told) {
    if (!(told.getValue("prompt_tokens") instanceof Number)
        && !(told.getValue("completion_tokens") instanceof Number)) {
      return null;
    }
    long input = count(told, "prompt_tokens");
    long output = count(told, "completion_tokens");
    long cached = Math.max(
        detail(told, "prompt_tokens_details", "cached_tokens"),
        // DeepSeek's word for it.
        count(told, "prompt_cache_hit_tokens"));
    long reasoning = detail(told, "completion_tokens_details", "reasoning_tokens");
    if (reasoning > 0 && count(told, "total_tokens") == input + output + reasoning) {
      // xAI counts them apart.
      output += reasoning;
    }
    return new Usage(input, output, Math.min(cached, input), Math.min(reasoning, output), 0, false);
  }

  private static long detail(JsonObject told, String details, String key) {
    return told.getValue(details) instanceof JsonObject inner ? count(inner, key) : 0;
  }

  private static long count(JsonObject told, String key) {
    return told.getValue(key) instanceof Number number
        ? Math.max(0, Math.min(number.longValue(), Integer.MAX_VALUE))
        : 0;
  }
}
