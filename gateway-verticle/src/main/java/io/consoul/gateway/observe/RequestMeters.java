package io.consoul.gateway.observe;

import io.consoul.fault.Fault;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.DoubleStream;

/**
 * Counts what was asked of this node and how it went. Every meter is looked up once and kept. Several of these may count in one
 * registry, and one may be used from several threads.
 */
public final class RequestMeters {

  private static final Duration[] LATENCIES =
      seconds(.0005, .001, .0025, .005, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60);

  private static final Duration[] STREAMS =
      seconds(.1, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800);

  private static final String FINISHED = "consoul_request";
  private static final String MODEL = "model";

  private static final int VERBS = Verb.values().length;
  private static final int ERRORS = ErrorType.values().length;

  private record Finish(Endpoint endpoint, Verb verb, int status, String model) {}

  private final MeterRegistry registry;
  private final Map<Finish, Counter> finished = new ConcurrentHashMap<>();
  private final AtomicReferenceArray<Timer> latencies =
      new AtomicReferenceArray<>(Endpoint.values().length * VERBS);
  private final AtomicReferenceArray<Timer> streams =
      new AtomicReferenceArray<>(Endpoint.values().length);
  private final Counter[] errors = new Counter[Endpoint.values().length * ERRORS];
  private final Counter resumed;

  /** As they were last said to be configured. */
  private volatile Set<String> models = Set.of();

  public RequestMeters(MeterRegistry registry) {
    this.registry = registry;
    for (Endpoint endpoint : Endpoint.values()) {
      for (ErrorType type : ErrorType.values()) {
        errors[endpoint.ordinal() * ERRORS + type.ordinal()] = errors(endpoint, type);
      }
    }
    resumed = Counter.builder("consoul_turns_resumed")
        .description("Turns that a client came back to and got on with")
        .register(registry);
    // so that every name is there from the start
    finished(new Finish(Endpoint.HEALTH, Verb.GET, 200, KnownModels.NONE));
    latency(Endpoint.HEALTH, Verb.GET);
    stream(Endpoint.CHAT_STREAM);
  }

  /** @param nanos from when the request had been read */
  public void headSent(Endpoint endpoint, Verb verb, long nanos) {
    latency(endpoint, verb).record(nanos, TimeUnit.NANOSECONDS);
  }

  /** @param model one of those that {@link KnownModels} has for labels */
  public void finished(Endpoint endpoint, Verb verb, int status, String model) {
    finished(new Finish(endpoint, verb, status, model)).increment();
  }

  /**
   * Forgets what was counted of models that were taken out of the configuration.
   *
   * @param configured the labels of those that are in there
   */
  void keepModels(Set<String> configured) {
    // All of them: another instance may have forgotten one that is back by now, and has another
    // counter for it.
    finished.keySet().removeIf(finish -> !isAlways(finish.model()));
    if (!configured.equals(models)) {
      models = configured;
      registry.find(FINISHED).counters().stream()
          .filter(counter -> isGone(counter.getId().getTag(MODEL)))
          .forEach(registry::remove);
    }
  }

  private boolean isGone(String model) {
    return !isAlways(model) && !models.contains(model);
  }

  private static boolean isAlways(String model) {
    return model.equals(KnownModels.NONE) || model.equals(KnownModels.OTHER);
  }

  /** A turn that was cancelled is none: that is what was asked for. */
  public void failed(Endpoint endpoint, Fault fault) {
    if (fault != Fault.LLM_CANCELLED) {
      errors[endpoint.ordinal() * ERRORS + ErrorType.of(fault).ordinal()].increment();
    }
  }

  public void turnResumed() {
    resumed.increment();
  }

  /** @param nanos from when the request had been read */
  public void streamEnded(Endpoint endpoint, long nanos) {
    stream(endpoint).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Counter finished(Finish finish) {
    Counter known = finished.get(finish);
    return known != null ? known : finished.computeIfAbsent(finish, this::register);
  }

  private Counter register(Finish finish) {
    return Counter.builder(FINISHED)
        .description("Requests that are finished")
        .tag("endpoint", finish.endpoint().template())
        .tag("method", finish.verb().label())
        .tag("status", Integer.toString(finish.status()))
        .tag(MODEL, finish.model())
        .register(registry);
  }

  private Timer latency(Endpoint endpoint, Verb verb) {
    int place = endpoint.ordinal() * VERBS + verb.ordinal();
    Timer known = latencies.get(place);
    if (known == null) {
      known = Timer.builder("consoul_request_latency")
          .description("From a request, when it was read, to the head of its response")
          .tag("endpoint", endpoint.template())
          .tag("method", verb.label())
          .serviceLevelObjectives(LATENCIES)
          .register(registry);
      latencies.set(place, known);
    }
    return known;
  }

  private Timer stream(Endpoint endpoint) {
    Timer known = streams.get(endpoint.ordinal());
    if (known == null) {
      known = Timer.builder("consoul_stream_duration")
          .description(
              "From a request, when it was read, to the end of the answer that it streamed")
          .tag("endpoint", endpoint.template())
          .serviceLevelObjectives(STREAMS)
          .register(registry);
      streams.set(endpoint.ordinal(), known);
    }
    return known;
  }

  private Counter errors(Endpoint endpoint, ErrorType type) {
    return Counter.builder("consoul_errors")
        .description("Requests that failed, by whose matter it was")
        .tag("endpoint", endpoint.template())
        .tag("error_type", type.label())
        .register(registry);
  }

  private static Duration[] seconds(double... bounds) {
    return DoubleStream.of(bounds)
        .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
        .toArray(Duration[]::new);
  }
}
