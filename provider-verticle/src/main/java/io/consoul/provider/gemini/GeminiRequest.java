package io.consoul.provider.gemini;

import io.consoul.provider.Completion;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Writes the body of a request for a generated stream. */
final class GeminiRequest {

  Buffer write(Completion completion) {
    JsonObject options = completion.options().toJson();
    GeminiContents contents = new GeminiContents(completion);
    JsonObject body = new JsonObject();
    if (!contents.system().isEmpty()) {
      body.put("systemInstruction", new JsonObject().put("parts", contents.system()));
    }
    body.put("contents", contents.contents());
    JsonArray declarations = GeminiTools.declarations(options);
    if (!declarations.isEmpty()) {
      body.put(
          "tools", new JsonArray().add(new JsonObject().put("functionDeclarations", declarations)));
      JsonObject choice = GeminiTools.choice(options.getValue("tool_choice"));
      if (choice != null) {
        body.put("toolConfig", new JsonObject().put("functionCallingConfig", choice));
      }
    }
    JsonObject config = GeminiConfig.of(completion, options);
    if (!config.isEmpty()) {
      body.put("generationConfig", config);
    }
    return body.toBuffer();
  }
}
