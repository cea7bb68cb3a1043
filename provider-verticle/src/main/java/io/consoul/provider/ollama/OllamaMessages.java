package io.consoul.provider.ollama;

import io.consoul.message.ChatMessage;
import io.consoul.provider.Completion;
import io.consoul.provider.wire.CalledTool;
import io.consoul.provider.wire.DataUrl;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A conversation as Ollama takes it: the content of a message is text, images stand beside it as data. An image that has only an
 * address is left out, since Ollama fetches none.
 */
final class OllamaMessages {

  private final JsonArray messages = new JsonArray();
  private final Map<String, String> namesOfCalls = new HashMap<>();

  OllamaMessages(Completion completion) {
    String systemPrompt = completion.settings().systemPrompt();
    if (systemPrompt != null) {
      messages.add(message("system", systemPrompt));
    }
    completion.history().forEach(this::add);
  }

  JsonArray messages() {
    return messages;
  }

  private void add(ChatMessage message) {
    JsonObject json = new JsonObject(message.json());
    messages.add(
        switch (message.role()) {
          case SYSTEM, DEVELOPER -> message("system", message.content());
          case ASSISTANT -> withCalls(message("assistant", message.content()), json);
          case TOOL -> result(message("tool", message.content()), json);
          case USER -> withImages(message("user", message.content()), json.getValue("content"));
        });
  }

  private static JsonObject message(String role, String text) {
    return new JsonObject().put("role", role).put("content", text);
  }

  private static JsonObject withImages(JsonObject message, Object content) {
    JsonArray images = new JsonArray();
    if (content instanceof JsonArray parts) {
      for (Object each : parts) {
        if (each instanceof JsonObject part
            && part.getValue("image_url") instanceof JsonObject image
            && image.getValue("url") instanceof String url) {
          DataUrl.parse(url).ifPresent(data -> images.add(data.base64()));
        }
      }
    }
    return images.isEmpty() ? message : message.put("images", images);
  }

  private JsonObject withCalls(JsonObject message, JsonObject json) {
    List<CalledTool> called = CalledTool.in(json);
    JsonArray calls = new JsonArray();
    for (CalledTool call : called) {
      namesOfCalls.put(call.id(), call.name());
      calls.add(new JsonObject()
          .put("id", call.id())
          .put(
              "function",
              new JsonObject()
                  .put("index", calls.size())
                  .put("name", call.name())
                  .put("arguments", call.arguments())));
    }
    return calls.isEmpty() ? message : message.put("tool_calls", calls);
  }

  private JsonObject result(JsonObject message, JsonObject json) {
    String id = json.getValue("tool_call_id") instanceof String told ? told : "";
    String name = json.getValue("name") instanceof String told ? told : id;
    return message.put("tool_name", namesOfCalls.getOrDefault(id, name)).put("tool_call_id", id);
  }
}
