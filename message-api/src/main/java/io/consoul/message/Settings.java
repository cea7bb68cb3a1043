package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * What a session asks of its model in every turn; null means "as the provider does by default".
 *
 * @param temperature 0 to 2
 * @param maxTokens of one answer, 1 to 1,000,000
 */
public record Settings(String systemPrompt, Double temperature, Integer maxTokens) {

  public static final Settings NONE = new Settings(null, null, null);

  JsonObject toJson() {
    return new JsonObject()
        .put("system_prompt", systemPrompt)
        .put("temperature", temperature)
        .put("max_tokens", maxTokens);
  }

  static Settings fromJson(JsonObject json) {
    return json == null
        ? NONE
        : new Settings(
            json.getString("system_prompt"),
            json.getDouble("temperature"),
            json.getInteger("max_tokens"));
  }
}
