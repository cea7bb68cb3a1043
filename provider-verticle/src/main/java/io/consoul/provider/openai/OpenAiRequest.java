package io.consoul.provider.openai;

import io.consoul.message.ChatMessage;
import io.consoul.message.ChatMessage.Role;
import io.consoul.message.CompletionOptions;
import io.consoul.message.Settings;
import io.consoul.provider.Completion;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;

/**
 * Writes the body of a chat completion request. The history goes in as the JSON texts that it is stored as, without being
 * parsed, and so do the caller's options.
 */
final class OpenAiRequest {

  private static final String DEVELOPER = "{\"role\":\"developer\",";
  private static final String SYSTEM = "{\"role\":\"system\",";

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
      append(body, ChatMessage.system(settings.systemPrompt()).json());
    }
    completion.history().forEach(message -> append(body, text(message)));
    body.append("],\"stream\":true,\"stream_options\":{\"include_usage\":true");
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
    append(body, completion.options());
    return Buffer.buffer(body.append('}').toString());
  }

  /** Compatible servers know the developer by an older name. */
  private String text(ChatMessage message) {
    String json = message.json();
    if (openAiItself || message.role() != Role.DEVELOPER) {
      return json;
    }
    return json.startsWith(DEVELOPER)
        ? SYSTEM + json.substring(DEVELOPER.length())
        : new JsonObject(json).put("role", Role.SYSTEM.wireName()).encode();
  }

  private static void append(StringBuilder body, String message) {
    if (body.charAt(body.length() - 1) != '[') {
      body.append(',');
    }
    body.append(message);
  }

  /** The members of the options' object become members of the request: no key is in both. */
  private static void append(StringBuilder body, CompletionOptions options) {
    if (!options.isEmpty()) {
      String json = options.json();
      body.append(',').append(json, json.indexOf('{') + 1, json.lastIndexOf('}'));
    }
  }

  private static int size(Completion completion) {
    return completion.options().json().length()
        + completion.history().stream()
            .mapToInt(message -> message.json().length())
            .sum();
  }
}
