package io.consoul.launcher;

import io.consoul.gateway.GatewayConfig;
import io.consoul.gateway.key.ApiKey;
import io.consoul.gateway.limit.LimitConfig;
import io.consoul.gateway.limit.Window;
import io.consoul.message.Kind;
import io.consoul.provider.Route;
import io.consoul.provider.Target;
import io.consoul.provider.Upstream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What a user sees when the server is ready: where it is, what answers, what is kept, and how to chat. A node in which not all
 * kinds run says which do, and of the rest only what concerns these.
 *
 * @param metricsUrl where they are read, or null
 * @param place of the node in its cluster, or null where it is in none
 * @param posture what is on, off and insecure
 */
record Banner(Configuration configuration, String metricsUrl, String place, Posture posture) {

  private static final Logger log = LoggerFactory.getLogger(Banner.class);

  String text(Duration sinceStart, Instant now) {
    return """

        %s.

        %s%s%s%s
        Ctrl-C stops.
        """.formatted(
            ready(sinceStart),
            facts(now).entrySet().stream()
                .map(fact -> line(fact.getKey(), fact.getValue()))
                .collect(Collectors.joining()),
            lines("off", posture.off()),
            lines("insecure", posture.insecure()),
            runs(Kind.GATEWAY) ? chat() : "");
  }

  /**
   * The same as a line of the log, for programs that read line by line: each fact is a field of its own. What is insecure has a
   * line of its own.
   */
  void log(Duration sinceStart, Instant now) {
    LoggingEventBuilder ready = log.atInfo();
    for (Map.Entry<String, String> fact : facts(now).entrySet()) {
      ready = ready.addKeyValue(fact.getKey(), fact.getValue());
    }
    ready.addKeyValue("off", posture.off()).log(ready(sinceStart) + "; Ctrl-C stops");
    posture.insecure().forEach(each -> log.warn("insecure: {}", each));
  }

  private static String ready(Duration sinceStart) {
    return "Consoul " + Main.version() + " is ready, "
        + String.format(Locale.ROOT, "%.1f", sinceStart.toMillis() / 1_000.0)
        + " s after its start";
  }

  private static String lines(String name, List<String> texts) {
    return texts.stream().map(text -> line(name, text)).collect(Collectors.joining());
  }

  private static String line(String name, String text) {
    return String.format("  %-9s %s%n", name, text);
  }

  private Map<String, String> facts(Instant now) {
    Map<String, String> facts = new LinkedHashMap<>();
    if (!configuration.node().verticles().isWhole()) {
      facts.put("verticles", configuration.node().verticles().toString());
    }
    if (place != null) {
      facts.put("cluster", place);
    }
    if (runs(Kind.GATEWAY)) {
      facts.put("address", address());
    }
    if (runs(Kind.SESSION) && runs(Kind.PROVIDER)) {
      facts.put("model", model());
    }
    if (runs(Kind.PROVIDER)) {
      facts.put("providers", providers());
    }
    if (runs(Kind.SESSION)) {
      facts.put("store", store());
    }
    facts.put("metrics", metrics());
    if (runs(Kind.GATEWAY)) {
      facts.put("callers", callers(now));
      facts.put("limits", limits());
    }
    facts.put("on", posture.on().isEmpty() ? "none" : String.join(", ", posture.on()));
    return facts;
  }

  private String chat() {
    String url = address();
    return """

        Chat:

          ./consoul chat%s

          curl -N %s/chat/stream -H 'Content-Type: application/json'%s \\
               -d '{"session_id":"me","message":"Hello, who are you?"}'
        """.formatted(
            url.equals("http://127.0.0.1:8000") ? "" : " --url " + url,
            url,
            keyOption(configuration.gateway()));
  }

  /** What curl has to be given for a key, or nothing. */
  static String keyOption(GatewayConfig gateway) {
    return needsKey(gateway) ? " -H \"" + gateway.keys().header() + ": $CONSOUL_API_KEY\"" : "";
  }

  private String address() {
    GatewayConfig gateway = configuration.gateway();
    return url(gateway.isSecure() ? "https" : "http", gateway.host(), gateway.port());
  }

  private boolean runs(Kind kind) {
    return configuration.node().verticles().has(kind);
  }

  /** As somebody on this machine can use it, also where it listens everywhere. */
  static String url(String scheme, String host, int port) {
    boolean anywhere = host.equals("0.0.0.0") || host.equals("::");
    String name = anywhere ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
    return scheme + "://" + name + ":" + port;
  }

  private String metrics() {
    if (metricsUrl == null) {
      return "none";
    }
    return runs(Kind.GATEWAY) ? metricsUrl : metricsUrl + ", with /health and /ready beside it";
  }

  private String limits() {
    LimitConfig limits = configuration.gateway().limits();
    if (!limits.enabled()) {
      return "none";
    }
    String usual = limits.defaultLimits().isEmpty()
        ? "none"
        : limits.defaultLimits().stream().map(Window::toString).collect(Collectors.joining(", "))
            + " for each caller";
    return usual + (limits.tiers().isEmpty() ? "" : ", others for tiers of keys")
        + "; CONSOUL_DEFAULT_LIMITS sets others";
  }

  private String store() {
    long seconds = configuration.session().ttl().toSeconds();
    if (configuration.session().redis().isConfigured()) {
      return "Redis: sessions are kept for " + seconds + " s after their last turn";
    }
    return configuration.node().cluster()
        ? "cluster: sessions are kept for " + seconds
            + " s after their last turn, each on two nodes, and gone when the last node stops"
        : "memory: sessions are kept for " + seconds
            + " s after their last turn, and gone when Consoul stops";
  }

  private String model() {
    String chosen = configuration.session().model();
    if (chosen == null && configuration.provider().defaultModel().isEmpty()) {
      return "none by default: name one in a request, or with --model, such as "
          + configuration.provider().upstreams().get(0).name() + "/…";
    }
    Route route = configuration.provider().routing().resolve(chosen);
    Target first = route.steps().get(0).target();
    String name = chosen == null ? first.model() : chosen;
    if (route.steps().size() > 1) {
      return name + ", a route: "
          + route.steps().stream()
              .map(step -> step.target().toString())
              .collect(Collectors.joining(", "));
    }
    return first.upstream().baseUrl() == null
        ? name
            + ", built in: it repeats what you say; OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_API_KEY or OLLAMA_HOST gives a real one"
        : name + " at " + first.upstream().baseUrl();
  }

  /** Names that stand before a slash and a model's name. */
  private String providers() {
    return configuration.provider().upstreams().stream()
        .map(Upstream::name)
        .collect(Collectors.joining(", "));
  }

  private static boolean needsKey(GatewayConfig gateway) {
    return !gateway.keys().keys().isEmpty() && !gateway.allowAnonymous();
  }

  private String callers(Instant now) {
    List<ApiKey> keys = configuration.gateway().keys().keys();
    if (!keys.isEmpty()) {
      String holders =
          "holders of " + (keys.size() == 1 ? "the API key" : "one of " + keys.size() + " API keys")
              + expired(keys.stream().filter(key -> key.isExpired(now)).count());
      return needsKey(configuration.gateway())
          ? holders + "; the commands below take it from CONSOUL_API_KEY"
          : holders + ", and anybody else without one, since CONSOUL_ALLOW_ANONYMOUS is true";
    }
    return configuration.gateway().allowAnonymous()
        ? "anybody who reaches the address: there are no API keys and CONSOUL_ALLOW_ANONYMOUS is true"
        : "this machine only, since there are no API keys; CONSOUL_ALLOW_ANONYMOUS=true lets others in";
  }

  private static String expired(long keys) {
    return keys == 0 ? "" : " (" + keys + " of which " + (keys == 1 ? "has" : "have") + " expired)";
  }
}
