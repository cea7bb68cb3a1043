package io.consoul.provider.course;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Counts what it took to get answers; every provider shows from the start. */
public final class CourseMeters {

  private final Map<String, Counter> retries = new HashMap<>();
  private final Map<String, Counter> failovers = new HashMap<>();
  private final Map<String, Counter> rescues = new HashMap<>();

  public CourseMeters(MeterRegistry registry, Collection<String> providers) {
    for (String provider : providers) {
      retries.put(
          provider,
          counter(
              registry,
              "consoul.provider.retries",
              "Calls that were made again before the first word",
              provider));
      failovers.put(
          provider,
          counter(
              registry,
              "consoul.provider.failovers",
              "Turns that went on to another target because this provider failed",
              provider));
      rescues.put(
          provider,
          counter(
              registry,
              "consoul.provider.rescues",
              "Answers that went on after this provider had failed in the middle of them",
              provider));
    }
  }

  void retried(String provider) {
    retries.get(provider).increment();
  }

  void failedOver(String from) {
    failovers.get(from).increment();
  }

  void rescued(String from) {
    rescues.get(from).increment();
  }

  private static Counter counter(
      MeterRegistry registry, String name, String description, String provider) {
    return Counter.builder(name)
        .description(description)
        .tag("provider", provider)
        .register(registry);
  }
}
