package io.consoul.gateway.openai;

import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;

/** What an answer cost, in OpenAI's words and two of ours. */
final class OpenAiUsage {

  private OpenAiUsage() {}

  static JsonObject json(Usage usage) {
    JsonObject json = new JsonObject()
        .put("prompt_tokens", usage.inputTokens())
        .put("completion_tokens", usage.outputTokens())
        .put("total_tokens", usage.totalTokens())
        .put("prompt_tokens_details", new JsonObject().put("cached_tokens", usage.cachedTokens()))
        .put(
            "completion_tokens_details",
            new JsonObject().put("reasoning_tokens", usage.reasoningTokens()))
        .put("estimated_cost", usage.estimatedCost());
    return usage.estimated() ? json.put("estimated", true) : json;
  }
}
