package io.consoul.message;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/**
 * What a session asks of its model in every turn; null means "as the provider does by default".
 *
 * @param systemPrompt up to 32,768 characters
 * @param temperature 0 to 2
 * @param maxTokens of one answer, 1 to 1,000,000
 */
public record Settings(String systemPrompt, Double temperature, Integer maxTokens) {

  public static final Settings NONE = new Settings(null, null, null);

  public static final int MAX_SYSTEM_PROMPT = 32_768;
  public static final double MAX_TEMPERATURE = 2;
  public static final int MAX_MAX_TOKENS = 1_000_000;

  /** @throws io.consoul.fault.FaultException E003 that names the field out of range */
  public Settings {
    if (systemPrompt != null
        && systemPrompt.codePointCount(0, systemPrompt.length()) > MAX_SYSTEM_PROMPT) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "system_prompt", "must be at most " + MAX_SYSTEM_PROMPT + " characters");
    }
    if (temperature != null && !(temperature >= 0 && temperature <= MAX_TEMPERATURE)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("temperature", "must be a number from 0 to 2");
    }
    if (maxTokens != null && (maxTokens < 1 || maxTokens > MAX_MAX_TOKENS)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "max_tokens", "must be an integer from 1 to " + MAX_MAX_TOKENS);
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
