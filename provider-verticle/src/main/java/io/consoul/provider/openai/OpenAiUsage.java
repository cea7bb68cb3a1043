package io.consoul.provider.openai;

import io.consoul.message.Usage;
import io.consoul.provider.wire.ToldTokens;
import io.vertx.core.json.JsonObject;

/** Reads what a chat completion has cost, in OpenAI's words and those that compatible servers have for the same. */
final class OpenAiUsage {

  private OpenAiUsage() {}

  /** Null where it does not tell both: then they are counted here. */
  static Usage read(JsonObject told) {
    if (!(told.getValue("prompt_tokens") instanceof Number)
        || !(told.getValue("completion_tokens") instanceof Number)) {
      return null;
    }
    long input = ToldTokens.count(told, "prompt_tokens");
    long output = ToldTokens.count(told, "completion_tokens");
    long cached = Math.max(
        detail(told, "prompt_tokens_details", "cached_tokens"),
        // DeepSeek's word for it.
        ToldTokens.count(told, "prompt_cache_hit_tokens"));
    long reasoning = detail(told, "completion_tokens_details", "reasoning_tokens");
    if (reasoning > 0 && ToldTokens.count(told, "total_tokens") == input + output + reasoning) {
      // xAI counts them apart.
      output += reasoning;
    }
    return ToldTokens.usage(input, output, cached, reasoning);
  }

  private static long detail(JsonObject told, String details, String key) {
    return told.getValue(details) instanceof JsonObject inner ? ToldTokens.count(inner, key) : 0;
  }
}
