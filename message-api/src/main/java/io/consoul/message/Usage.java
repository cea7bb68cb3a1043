package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * What a turn cost. {@code estimated} says that the provider did not tell and that the tokens were counted here.
 *
 * @param estimatedCost in US dollars; 0 where no price is configured
 */
public record Usage(long inputTokens, long outputTokens, double estimatedCost, boolean estimated) {

  public static final Usage NONE = new Usage(0, 0, 0, false);

  public long totalTokens() {
    return inputTokens + outputTokens;
  }

  public Usage plus(Usage other) {
    return new Usage(
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        estimatedCost + other.estimatedCost,
        estimated || other.estimated);
  }

  /** What is left without a part of it. */
  public Usage minus(Usage part) {
    return new Usage(
        inputTokens - part.inputTokens,
        outputTokens - part.outputTokens,
        Math.max(0, estimatedCost - part.estimatedCost),
        estimated);
  }

  /** The object that clients see; {@code estimated} stands in it only when it is true. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject()
        .put("input_tokens", inputTokens)
        .put("output_tokens", outputTokens)
        .put("total_tokens", totalTokens())
        .put("estimated_cost", estimatedCost);
    return estimated ? json.put("estimated", true) : json;
  }

  public static Usage fromJson(JsonObject json) {
    return new Usage(
        json.getLong("input_tokens", 0L),
        json.getLong("output_tokens", 0L),
        json.getDouble("estimated_cost", 0.0),
        json.getBoolean("estimated", false));
  }
}
