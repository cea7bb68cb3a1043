package io.consoul.provider.anthropic;

import io.consoul.message.Usage;
import io.consoul.provider.wire.ToldTokens;
import io.vertx.core.json.JsonObject;

/** What a message has cost so far. Every number is cumulative and comes whenever it has changed: the latest of each counts. */
final class AnthropicUsage {

  private long input;
  private long cacheCreation;
  private long cacheRead;
  private long output;
  private long thinking;

  void read(JsonObject told) {
    input = latest(told, "input_tokens", input);
    cacheCreation = latest(told, "cache_creation_input_tokens", cacheCreation);
    cacheRead = latest(told, "cache_read_input_tokens", cacheRead);
    output = latest(told, "output_tokens", output);
    if (told.getValue("output_tokens_details") instanceof JsonObject details) {
      thinking = latest(details, "thinking_tokens", thinking);
    }
  }

  Usage soFar() {
    return ToldTokens.usage(input + cacheCreation + cacheRead, output, cacheRead, thinking);
  }

  private static long latest(JsonObject told, String key, long before) {
    return told.getValue(key) instanceof Number ? ToldTokens.count(told, key) : before;
  }
}
