package io.consoul.provider.gemini;

import io.consoul.message.ChatMessage;
import io.consoul.provider.Completion;
import io.consoul.provider.wire.CalledTool;
import io.consoul.provider.wire.DataUrl;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A conversation as Gemini takes it: what the system says apart, and the rest as turns of user and model, which alternate. Parts
 * that Gemini has no word for, and empty ones, which it refuses, are left out.
 */
final class GeminiContents {

  /**
   * From its third generation on Gemini refuses a model's function call that comes without the signature of the thought behind
   * it. We keep none: this is the documented word for a call whose thought is not known.
   */
  private static final String NO_SIGNATURE = "skip_thought_signature_validator";

  private static final Pattern WANTS_SIGNATURES = Pattern.compile("gemini-([3-9]|\\d\\d).*");

  private static final Map<String, String> TYPES = Map.of(
      "png", "image/png",
      "jpg", "image/jpeg",
      "jpeg", "image/jpeg",
      "webp", "image/webp",
      "gif", "image/gif",
      "heic", "image/heic",
      "pdf", "application/pdf");

  private final JsonArray system = new JsonArray();
  private final JsonArray contents = new JsonArray();
  private final Map<String, String> namesOfCalls = new HashMap<>();
  private final boolean wantsSignatures;
  private String speaker;
  private JsonArray turn;

  GeminiContents(Completion completion) {
    wantsSignatures = WANTS_SIGNATURES.matcher(completion.model()).matches();
    addText(system, completion.settings().systemPrompt());
    completion.history().forEach(this::add);
  }

  /** Parts; none where the system says nothing. */
  JsonArray system() {
    return system;
  }

  JsonArray contents() {
    return contents;
  }

  private void add(ChatMessage message) {
    JsonObject json = new JsonObject(message.json());
    JsonArray parts = new JsonArray();
    switch (message.role()) {
      case SYSTEM, DEVELOPER -> addText(system, message.content());
      case ASSISTANT -> {
        addContent(parts, json.getValue("content"));
        addText(parts, json.getValue("refusal"));
        addCalls(parts, json);
        say("model", parts);
      }
      case TOOL -> say("user", parts.add(result(json, message.content())));
      case USER -> {
        addContent(parts, json.getValue("content"));
        say("user", parts);
      }
    }
  }

  private void say(String role, JsonArray parts) {
    if (parts.isEmpty()) {
      return;
    }
    if (!role.equals(speaker)) {
      speaker = role;
      turn = new JsonArray();
      contents.add(new JsonObject().put("role", role).put("parts", turn));
    }
    turn.addAll(parts);
  }

  private static void addContent(JsonArray parts, Object content) {
    addText(parts, content);
    if (content instanceof JsonArray pieces) {
      for (Object piece : pieces) {
        if (piece instanceof JsonObject part) {
          addPart(parts, part);
        }
      }
    }
  }

  private static void addPart(JsonArray parts, JsonObject part) {
    if (part.getValue("image_url") instanceof JsonObject image
        && image.getValue("url") instanceof String url) {
      parts.add(file(url));
    } else if (part.getValue("file") instanceof JsonObject file
        && file.getValue("file_data") instanceof String url) {
      DataUrl.parse(url).ifPresent(data -> parts.add(inline(data.mimeType(), data.base64())));
    } else if (part.getValue("input_audio") instanceof JsonObject audio
        && audio.getValue("data") instanceof String data
        && audio.getValue("format") instanceof String format) {
      parts.add(inline("audio/" + format, data));
    } else {
      addText(parts, part.getValue("text"));
      addText(parts, part.getValue("refusal"));
    }
  }

  private static void addText(JsonArray parts, Object text) {
    if (text instanceof String words && !words.isEmpty()) {
      parts.add(new JsonObject().put("text", words));
    }
  }

  private static JsonObject file(String url) {
    Optional<DataUrl> data = DataUrl.parse(url);
    if (data.isPresent()) {
      return inline(data.get().mimeType(), data.get().base64());
    }
    JsonObject file = new JsonObject().put("fileUri", url);
    String path = url.split("[?#]", 2)[0].toLowerCase(Locale.ROOT);
    String type = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    if (type != null) {
      file.put("mimeType", type);
    }
    return new JsonObject().put("fileData", file);
  }

  private static JsonObject inline(String mimeType, String base64) {
    return new JsonObject()
        .put("inlineData", new JsonObject().put("mimeType", mimeType).put("data", base64));
  }

  private void addCalls(JsonArray parts, JsonObject message) {
    boolean first = true;
    for (CalledTool call : CalledTool.in(message)) {
      namesOfCalls.put(call.id(), call.name());
      JsonObject part = new JsonObject()
          .put(
              "functionCall",
              new JsonObject().put("name", call.name()).put("args", call.arguments()));
      // Of calls in parallel only the first one has a signature.
      parts.add(first && wantsSignatures ? part.put("thoughtSignature", NO_SIGNATURE) : part);
      first = false;
    }
  }

  private JsonObject result(JsonObject message, String text) {
    String id = message.getValue("tool_call_id") instanceof String told ? told : "";
    String name = message.getValue("name") instanceof String told ? told : id;
    return new JsonObject()
        .put(
            "functionResponse",
            new JsonObject()
                .put("name", namesOfCalls.getOrDefault(id, name))
                .put("response", new JsonObject().put("result", text)));
  }
}
