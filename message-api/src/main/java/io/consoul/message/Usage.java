package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * What a turn cost. {@code estimated} says that the provider did not tell and that the tokens were counted here.
 *
 * @param inputTokens of the whole prompt, those that the provider had cached too
 * @param outputTokens of all that was written, reasoning too
 * @param estimatedCost in US dollars; 0 where no price is configured
 */
public record Usage(
    long inputTokens,
    long outputTokens,
    long cachedTokens,
    long reasoningTokens,
    double estimatedCost,
    boolean estimated) {

  public static final Usage NONE = new Usage(0, 0, 0, false);

  /** Where nothing is known of cached and reasoning tokens. */
  public Usage(long inputTokens, long outputTokens, double estimatedCost, boolean estimated) {
    this(inputTokens, outputTokens, 0, 0, estimatedCost, estimated);
  }

  /** The same tokens, with what they cost. */
  public Usage costing(double dollars) {
    return new Usage(inputTokens, outputTokens, cachedTokens, reasoningTokens, dollars, estimated);
  }

  public long totalTokens() {
    return inputTokens + outputTokens;
  }

  public Usage plus(Usage other) {
    return new Usage(
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        cachedTokens + other.cachedTokens,
        reasoningTokens + other.reasoningTokens,
        estimatedCost + other.estimatedCost,
        estimated || other.estimated);
  }

  /** What is left without a part of it. */
  public Usage minus(Usage part) {
    return new Usage(
        inputTokens - part.inputTokens,
        outputTokens - part.outputTokens,
        Math.max(0, cachedTokens - part.cachedTokens),
        Math.max(0, reasoningTokens - part.reasoningTokens),
        Math.max(0, estimatedCost - part.estimatedCost),
        estimated);
  }

  /** The object that clients see; what is 0 or false for most turns stands in it only where it is not. */
  public JsonObject toJson() {
    JsonObject json = new JsonObject()
        .put("input_tokens", inputTokens)
        .put("output_tokens", outputTokens)
        .put("total_tokens", totalTokens())
        .put("estimated_cost", estimatedCost);
    if (cachedTokens > 0) {
      json.put("cached_tokens", cachedTokens);
    }
    if (reasoningTokens > 0) {
      json.put("reasoning_tokens", reasoningTokens);
    }
    return estimated ? json.put("estimated", true) : json;
  }

  public static Usage fromJson(JsonObject json) {
    return new Usage(
        json.getLong("input_tokens", 0L),
        json.getLong("output_tokens", 0L),
        json.getLong("cached_tokens", 0L),
        json.getLong("reasoning_tokens", 0L),
        json.getDouble("estimated_cost", 0.0),
        json.getBoolean("estimated", false));
  }
}
