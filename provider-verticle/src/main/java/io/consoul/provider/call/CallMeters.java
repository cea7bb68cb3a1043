package io.consoul.provider.call;

import io.consoul.provider.Upstream;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.DoubleStream;

/** How quick one provider is and how clean its streams are. Models that the configuration does not name count as one. */
public final class CallMeters {

  /** Stands for all models that are not known by name. */
  public static final String OTHER = "other";

  private static final Duration[] BUCKETS = DoubleStream.of(
          .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60)
      .mapToObj(seconds -> Duration.ofMillis((long) (seconds * 1_000)))
      .toArray(Duration[]::new);

  private final Map<String, Timer> heads = new HashMap<>();
  private final Map<String, Timer> firstTokens = new HashMap<>();
  private final Counter malformed;

  CallMeters(Upstream upstream, MeterRegistry meters) {
    malformed = Counter.builder("consoul_provider_malformed_chunks")
        .description("Chunks of answers that could not be read and were passed over")
        .tag("provider", upstream.name())
        .register(meters);
    add(OTHER, upstream, meters);
    upstream.namedModels().forEach(model -> add(model, upstream, meters));
  }

  /** @param time from the request to the head of its response */
  void head(String model, Duration time) {
    of(heads, model).record(time);
  }

  /** @param time from the moment that an answer was wanted */
  void firstToken(String model, Duration time) {
    of(firstTokens, model).record(time);
  }

  void malformed(int chunks) {
    malformed.increment(chunks);
  }

  private void add(String model, Upstream upstream, MeterRegistry meters) {
    heads.put(
        model,
        timer(
            "consoul_provider_request_latency",
            "From the request to the head of the provider's response",
            model,
            upstream,
            meters));
    firstTokens.put(
        model,
        timer(
            "consoul_time_to_first_token",
            "From the moment that an answer was wanted to its first text, waiting for a connection included",
            model,
            upstream,
            meters));
  }

  private static Timer timer(
      String name, String description, String model, Upstream upstream, MeterRegistry meters) {
    return Timer.builder(name)
        .description(description)
        .tag("provider", upstream.name())
        .tag("model", model)
        .serviceLevelObjectives(BUCKETS)
        .register(meters);
  }

  private static Timer of(Map<String, Timer> timers, String model) {
    Timer own = timers.get(model);
    return own != null ? own : timers.get(OTHER);
  }
}
