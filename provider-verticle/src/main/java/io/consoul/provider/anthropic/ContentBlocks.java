package io.consoul.provider.anthropic;

import io.consoul.provider.wire.CalledTool;
import io.consoul.provider.wire.DataUrl;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.regex.Pattern;

/** Translates the content of one message into blocks. Parts that have no counterpart, and blank texts, are left out. */
final class ContentBlocks {

  private static final Pattern NOT_IN_IDS = Pattern.compile("[^A-Za-z0-9_-]");

  private ContentBlocks() {}

  /** @param content a string or an array of parts, as it came */
  static JsonArray of(Object content) {
    JsonArray blocks = new JsonArray();
    if (content instanceof String text) {
      addText(blocks, text);
    } else if (content instanceof JsonArray parts) {
      for (Object each : parts) {
        if (each instanceof JsonObject part) {
          addPart(blocks, part);
        }
      }
    }
    return blocks;
  }

  /** What an assistant has said and what it has asked of tools. */
  static JsonArray ofAssistant(JsonObject message) {
    JsonArray blocks = of(message.getValue("content"));
    addText(blocks, message.getValue("refusal"));
    for (CalledTool call : CalledTool.in(message)) {
      blocks.add(new JsonObject()
          .put("type", "tool_use")
          .put("id", id(call.id()))
          .put("name", call.name())
          .put("input", call.arguments()));
    }
    return blocks;
  }

  static JsonObject toolResult(JsonObject message) {
    JsonObject result = new JsonObject()
        .put("type", "tool_result")
        .put("tool_use_id", id(message.getValue("tool_call_id")));
    JsonArray content = of(message.getValue("content"));
    return content.isEmpty() ? result : result.put("content", content);
  }

  static JsonObject text(String text) {
    return new JsonObject().put("type", "text").put("text", text);
  }

  private static void addText(JsonArray blocks, Object text) {
    if (text instanceof String words && !words.isBlank()) {
      blocks.add(text(words));
    }
  }

  private static void addPart(JsonArray blocks, JsonObject part) {
    if (part.getValue("type") instanceof String type) {
      switch (type) {
        case "text" -> addText(blocks, part.getValue("text"));
        case "refusal" -> addText(blocks, part.getValue("refusal"));
        case "image_url" -> addImage(blocks, part.getValue("image_url"));
        default -> {
          // sounds, files
        }
      }
    }
  }

  private static void addImage(JsonArray blocks, Object image) {
    Object address = image instanceof JsonObject object ? object.getValue("url") : image;
    if (address instanceof String url) {
      JsonObject source = source(url);
      if (source != null) {
        blocks.add(new JsonObject().put("type", "image").put("source", source));
      }
    }
  }

  /** Null for what is neither base64 nor on the web. */
  private static JsonObject source(String url) {
    Optional<DataUrl> data = DataUrl.parse(url);
    if (data.isPresent()) {
      return new JsonObject()
          .put("type", "base64")
          .put("media_type", data.get().mimeType())
          .put("data", data.get().base64());
    }
    return url.startsWith("https://") || url.startsWith("http://")
        ? new JsonObject().put("type", "url").put("url", url)
        : null;
  }

  /** Ids of other providers may hold characters that are refused here. */
  private static String id(Object id) {
    return id instanceof String text && !text.isEmpty()
        ? NOT_IN_IDS.matcher(text).replaceAll("_")
        : "call";
  }
}
