package io.consoul.provider.openai;

import io.consoul.message.ChatMessage;
import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;

/**
 * Writes the body of a chat completion request. The history goes in as the JSON texts that it is stored as, without being
 * parsed.
 */
final class OpenAiRequest {

  private final boolean openAiItself;

  /** @param openAiItself whether OpenAI reads it, not a compatible server: their dialects differ in a few fields */
  OpenAiRequest(boolean openAiItself) {
    this.openAiItself = openAiItself;
  }

  Buffer write(Completion completion) {
    Settings settings = completion.settings();
    StringBuilder body = new StringBuilder(512 + size(completion));
    body.append("{\"model\":").append(Json.encode(completion.model())).append(",\"messages\":[");
    if (settings.systemPrompt() != null) {
      append(body, ChatMessage.system(settings.systemPrompt()));
    }
    completion.history().forEach(message -> append(body, message));
    body.setCharAt(body.length() - 1, ']');
    body.append(",\"stream\":true,\"stream_options\":{\"include_usage\":true");
    // Padding against traffic analysis: more than half of a chunk. Only OpenAI knows the option.
    body.append(openAiItself ? ",\"include_obfuscation\":false}" : "}");
    if (settings.temperature() != null) {
      body.append(",\"temperature\":").append(Json.encode(settings.temperature()));
    }
    if (settings.maxTokens() != null) {
      // OpenAI's reasoning models refuse the old name; most compatible servers know only that one.
      body.append(openAiItself ? ",\"max_completion_tokens\":" : ",\"max_tokens\":")
          .append(settings.maxTokens().intValue());
    }
    return Buffer.buffer(body.append('}').toString());
  }

  private static void append(StringBuilder body, ChatMessage message) {
    body.append(message.json()).append(',');
  }

  private static int size(Completion completion) {
    return completion.history().stream()
        .mapToInt(message -> message.json().length())
        .sum();
  }
}
