package io.consoul.provider.wire;

import io.consoul.message.Usage;
import io.vertx.core.json.JsonObject;

/** Numbers of tokens as providers tell them, which may be no numbers or none of this world. */
public final class ToldTokens {

  private ToldTokens() {}

  /** From 0 to the largest int; 0 where none are told. */
  public static long count(JsonObject told, String key) {
    return told.getValue(key) instanceof Number number
        ? (long) Math.max(0, Math.min(number.doubleValue(), Integer.MAX_VALUE))
        : 0;
  }

  /** Cached tokens are a part of the input and reasoning is one of the output, whatever is told. */
  public static Usage usage(long input, long output, long cached, long reasoning) {
    return new Usage(input, output, Math.min(cached, input), Math.min(reasoning, output), 0, false);
  }
}
