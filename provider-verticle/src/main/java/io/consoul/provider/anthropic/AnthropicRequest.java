package io.consoul.provider.anthropic;

import io.consoul.message.ChatMessage;
import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/** Writes the body of a message request. What has no word in this language is left out. */
final class AnthropicRequest {

  /** The API wants a number, whatever the caller has set; every model can write that much. */
  private static final int DEFAULT_MAX_TOKENS = 4_096;

  private static final double MAX_TEMPERATURE = 1;

  private AnthropicRequest() {}

  static Buffer write(Completion completion) {
    Settings settings = completion.settings();
    Conversation conversation = new Conversation();
    conversation.instruct(settings.systemPrompt());
    for (ChatMessage message : completion.history()) {
      conversation.add(message);
    }
    JsonObject body = new JsonObject()
        .put("model", completion.model())
        .put("max_tokens", settings.maxTokens() == null ? DEFAULT_MAX_TOKENS : settings.maxTokens())
        .put("stream", true);
    if (!conversation.system().isEmpty()) {
      body.put("system", conversation.system());
    }
    body.put("messages", conversation.messages());
    AnthropicOptions.put(completion.options(), body);
    if (settings.temperature() != null) {
      body.put("temperature", Math.min(settings.temperature(), MAX_TEMPERATURE));
      // Newer models refuse both.
      body.remove("top_p");
    }
    return body.toBuffer();
  }
}
