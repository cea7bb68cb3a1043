package io.consoul.message;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/**
 * What a session asks of its model in every turn; null means "as the provider does by default".
 *
 * @param systemPrompt up to 32,768 characters
 * @param temperature 0 or more; how much is too much is a matter of the edge
 * @param maxTokens of one answer, 1 or more
 */
public record Settings(String systemPrompt, Double temperature, Integer maxTokens) {

  public static final Settings NONE = new Settings(null, null, null);

  public static final int MAX_SYSTEM_PROMPT = 32_768;

  /** @throws io.consoul.fault.FaultException E003 that names the field out of range */
  public Settings {
    if (systemPrompt != null
        && systemPrompt.codePointCount(0, systemPrompt.length()) > MAX_SYSTEM_PROMPT) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "system_prompt", "must be at most " + MAX_SYSTEM_PROMPT + " characters");
    }
    if (temperature != null && !(temperature >= 0 && Double.isFinite(temperature))) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("temperature", "must be a number from 0");
    }
    if (maxTokens != null && maxTokens < 1) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("max_tokens", "must be an integer from 1");
    }
  }

  /** These, and what is null in them from the others. */
  public Settings or(Settings others) {
    return new Settings(
        systemPrompt == null ? others.systemPrompt : systemPrompt,
        temperature == null ? others.temperature : temperature,
        maxTokens == null ? others.maxTokens : maxTokens);
  }

  public JsonObject toJson() {
    return new JsonObject()
        .put("system_prompt", systemPrompt)
        .put("temperature", temperature)
        .put("max_tokens", maxTokens);
  }

  public static Settings fromJson(JsonObject json) {
    return json == null
        ? NONE
        : new Settings(
            json.getString("system_prompt"),
            json.getDouble("temperature"),
            json.getInteger("max_tokens"));
  }
}
