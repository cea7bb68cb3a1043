package io.consoul.provider;

import io.consoul.config.ConfigReader;
import io.consoul.provider.health.BreakerConfig;
import io.consoul.provider.health.RetryConfig;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * conf/provider.json. Every key, its default and its range stand in this file, in {@link ProviderEntry} and in {@link RouteEntry}.
 *
 * @param maxTurns in progress per instance; above, a new one is refused with E022
 * @param maxAnswerSize in UTF-16 code units; a longer answer is cut there and ends with {@code length}
 * @param maxRetainedSize UTF-16 code units of ended answers that an instance keeps for late listeners; the oldest go
 *     first
 * @param maxUnheardSize UTF-16 code units that an instance's turns may have said to nobody; above, those without a
 *     listener are paused
 * @param resumeWindow how long a turn runs on with nobody listening, and how long its answer is kept after the end
 * @param completionTimeout for the whole of an answer that belongs to no session; a session's turns bring their own
 *     deadline
 * @param echoDelay between two words of the echo model
 * @param upstreams in the order of preference; the built-in echo model is the last one, unless the file says otherwise
 * @param routes from a name to several targets
 */
public record ProviderConfig(
    int instances,
    int maxTurns,
    int maxAnswerSize,
    int maxRetainedSize,
    int maxUnheardSize,
    Duration resumeWindow,
    Duration completionTimeout,
    Duration echoDelay,
    Pace pace,
    BreakerConfig breaker,
    RetryConfig retry,
    RescueConfig rescue,
    List<Upstream> upstreams,
    List<Route> routes) {

  /**
   * The rhythm of a stream. The upper limits keep it within what the other verticles wait for.
   *
   * @param progress longest time that new text stays unreported to the session
   * @param alive longest silence towards a listener or the session
   * @param listenerSilence after which a listener counts as gone
   * @param sealPatience how long an unanswered seal is repeated
   */
  public record Pace(
      Duration progress, Duration alive, Duration listenerSilence, Duration sealPatience) {

    private static Pace from(ConfigReader section) {
      Pace pace = new Pace(
          section.millis("progressMillis", "CONSOUL_STREAM_PROGRESS_MS", 500, 10, 500),
          section.millis("aliveMillis", "CONSOUL_STREAM_ALIVE_MS", 1_500, 50, 1_500),
          section.millis(
              "listenerSilenceMillis", "CONSOUL_STREAM_LISTENER_SILENCE_MS", 5_000, 100, 60_000),
          section.seconds("sealPatienceSeconds", "CONSOUL_STREAM_SEAL_PATIENCE", 10, 0.1, 60));
      section.closed();
      return pace;
    }

    /** How often timers have to look, so that nothing is late by more than a fifth. */
    Duration tick() {
      return Duration.ofMillis(Math.max(5, Math.min(progress.toMillis(), alive.toMillis()) / 5));
    }
  }

  public ProviderConfig {
    upstreams = List.copyOf(upstreams);
    routes = List.copyOf(routes);
  }

  /** The caller reports the problems, over all files at once. */
  public static ProviderConfig from(ConfigReader root) {
    List<Upstream> upstreams = upstreams(root);
    ProviderConfig config = new ProviderConfig(
        root.perCore("instances", "CONSOUL_PROVIDER_INSTANCES", 1_024),
        root.integer("maxTurns", "CONSOUL_PROVIDER_MAX_TURNS", 10_000, 1, 1_000_000),
        root.integer("maxAnswerSize", "CONSOUL_MAX_ANSWER_SIZE", 1 << 20, 16, 1 << 26),
        root.integer("maxRetainedSize", "CONSOUL_PROVIDER_MAX_RETAINED_SIZE", 1 << 24, 0, 1 << 30),
        root.integer("maxUnheardSize", "CONSOUL_PROVIDER_MAX_UNHEARD_SIZE", 1 << 24, 0, 1 << 30),
        root.seconds("resumeWindowSeconds", "CONSOUL_RESUME_WINDOW", 120, 0, 86_400),
        root.seconds(
            "completionTimeoutSeconds", "CONSOUL_PROVIDER_COMPLETION_TIMEOUT", 900, 1, 86_400),
        echoDelay(root.section("echo")),
        Pace.from(root.section("stream")),
        BreakerConfig.from(root.section("circuitBreaker")),
        RetryConfig.from(root.section("retry")),
        RescueConfig.from(root.section("rescue")),
        upstreams,
        RouteEntry.read(root, new Routes(upstreams, List.of())));
    root.closed();
    return config;
  }

  /** @throws io.consoul.config.ConfigException with every problem of it */
  public static ProviderConfig from(JsonObject json) {
    return ConfigReader.read(json, ProviderConfig::from);
  }

  /**
   * What is in force when a node that runs with this one is given another: its own verticle instances and their rhythm need a
   * restart, for what other verticles wait for follows from that.
   */
  ProviderConfig changedTo(ProviderConfig other) {
    return new ProviderConfig(
        instances,
        other.maxTurns,
        other.maxAnswerSize,
        other.maxRetainedSize,
        other.maxUnheardSize,
        other.resumeWindow,
        other.completionTimeout,
        other.echoDelay,
        pace,
        other.breaker,
        other.retry,
        other.rescue,
        other.upstreams,
        other.routes);
  }

  /** Finds who answers for a model's name. */
  public Routes routing() {
    return new Routes(upstreams, routes);
  }

  /** The model of a turn that names none, if one is meant then. */
  public Optional<String> defaultModel() {
    return routing().byDefault().map(Target::model);
  }

  /** The longest that a call may take, by the name of its provider. */
  public Map<String, Duration> callLimits() {
    return upstreams.stream()
        .collect(Collectors.toMap(
            Upstream::name,
            each -> each.times() == null ? completionTimeout : each.times().call()));
  }

  private static Duration echoDelay(ConfigReader echo) {
    Duration delay = echo.millis("delayMillis", "CONSOUL_ECHO_DELAY_MS", 20, 0, 60_000);
    echo.closed();
    return delay;
  }

  private static List<Upstream> upstreams(ConfigReader root) {
    List<Upstream> upstreams = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ConfigReader entry : root.sections("providers")) {
      Upstream upstream = ProviderEntry.read(entry);
      if (!names.add(upstream.name())) {
        entry.reject("name", "is used twice");
      }
      upstreams.add(upstream);
    }
    for (Shorthand shorthand : Shorthand.values()) {
      String name = shorthand.providerName();
      ConfigReader section = root.section(name);
      if (!names.contains(name)) {
        ProviderEntry.read(shorthand, section).ifPresent(upstreams::add);
      } else if (ProviderEntry.readAlone(shorthand, section).isPresent()) {
        section.reject(
            "baseUrl",
            "and apiKey belong into the entry of providers that is called " + name
                + ", since there is one");
      }
    }
    if (!names.contains(Upstream.ECHO)) {
      upstreams.add(Upstream.echo(Upstream.ECHO));
    }
    return upstreams;
  }
}
