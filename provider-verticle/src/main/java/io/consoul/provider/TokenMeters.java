package io.consoul.provider;

import io.consoul.message.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Counts tokens by model, from the start with 0. Models that the configuration does not name count as one. */
final class TokenMeters {

  private static final String OTHER = "other";

  private record Directions(Counter input, Counter output) {}

  private final Map<String, Directions> models = new HashMap<>();
  private final Directions other;

  TokenMeters(MeterRegistry meters, Collection<Upstream> upstreams) {
    other = directions(OTHER, meters);
    for (Upstream upstream : upstreams) {
      upstream.modelByDefault().ifPresent(model -> models.put(model, directions(model, meters)));
      upstream
          .models()
          .forEach(model -> models.put(model.name(), directions(model.name(), meters)));
    }
  }

  void used(String model, Usage usage) {
    Directions directions = models.getOrDefault(model, other);
    directions.input.increment(usage.inputTokens());
    directions.output.increment(usage.outputTokens());
  }

  private static Directions directions(String model, MeterRegistry meters) {
    return new Directions(counter("input", model, meters), counter("output", model, meters));
  }

  private static Counter counter(String direction, String model, MeterRegistry meters) {
    return Counter.builder("consoul_token_usage")
        .description("Tokens of the turns that have ended")
        .tag("direction", direction)
        .tag("model", model)
        .register(meters);
  }
}
