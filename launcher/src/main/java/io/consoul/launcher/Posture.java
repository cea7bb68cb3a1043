package io.consoul.launcher;

import io.consoul.gateway.GatewayConfig;
import io.consoul.message.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What of a node is on, what is off, and what is insecure, each with what to do about it; of the kinds only that run in it. On a
 * machine of one's own with nothing configured it is short.
 *
 * @param busHost where the event bus of a cluster takes messages, or null where that is not known
 */
record Posture(Configuration configuration, String busHost) {

  private static final Pattern LOOPBACK =
      Pattern.compile("(.+\\.)?localhost|127\\.[0-9.]+|::1|0:0:0:0:0:0:0:1");

  /** In a word or two each. */
  List<String> on() {
    List<String> on = new ArrayList<>();
    if (runs(Kind.GATEWAY)) {
      addIf(on, gateway().isSecure(), "TLS");
      addIf(on, !gateway().keys().keys().isEmpty(), "API keys");
      addIf(on, gateway().limits().enabled(), "rate limits");
    }
    if (runs(Kind.PROVIDER)) {
      addIf(on, configuration.provider().breaker().enabled(), "circuit breaker");
      addIf(on, configuration.provider().rescue().enabled(), "rescue of broken answers");
    }
    if (runs(Kind.SESSION) && hasSessionRedis()) {
      addIf(on, hasFallback(), "fallback without Redis");
    }
    Duration interval = configuration.gc().interval();
    if (runs(Kind.GC) && !interval.isZero()) {
      on.add("collection every " + interval.toSeconds() + " s");
    }
    if (configuration.node().cluster()) {
      addIf(on, isBusSecure(), "TLS of the event bus");
    }
    addIf(on, tracing().enabled(), "traces to " + tracing().endpoint());
    return on;
  }

  /** Each with what follows and what to do. */
  List<String> off() {
    List<String> off = new ArrayList<>();
    if (runs(Kind.GATEWAY)) {
      addIf(
          off,
          !gateway().isSecure() && !isPublic(gateway().host()),
          "TLS, which this machine alone does not need; CONSOUL_TLS_CERT and CONSOUL_TLS_KEY turn it on");
      limits(off);
    }
    if (runs(Kind.PROVIDER)) {
      addIf(
          off,
          !configuration.provider().breaker().enabled(),
          "circuit breaker: a provider that is down is asked every time; CONSOUL_CIRCUIT_BREAKER_ENABLED=true");
      addIf(
          off,
          !configuration.provider().rescue().enabled(),
          "rescue: an answer that breaks off stays broken; CONSOUL_RESCUE_ENABLED=true");
    }
    addIf(
        off,
        runs(Kind.SESSION) && hasSessionRedis() && !hasFallback(),
        "fallback: while Redis is down turns are refused; CONSOUL_REDIS_FALLBACK_ENABLED=true");
    addIf(
        off,
        runs(Kind.GC) && configuration.gc().interval().isZero(),
        "collection: what is left of expired sessions stays; CONSOUL_SESSION_GC_INTERVAL=3600");
    addIf(off, !tracing().enabled(), "traces; CONSOUL_OBSERVABILITY_OTEL_ENABLED=true sends them");
    return off;
  }

  /** Each with what to do. */
  List<String> insecure() {
    List<String> insecure = new ArrayList<>();
    if (runs(Kind.GATEWAY) && isPublic(gateway().host())) {
      addIf(
          insecure,
          !gateway().isSecure() && gateway().http().trustedProxies().networks().isEmpty(),
          "no TLS on " + gateway().host()
              + ": keys and texts can be read on their way; CONSOUL_TLS_CERT and CONSOUL_TLS_KEY, or a proxy"
              + " with TLS that CONSOUL_TRUSTED_PROXIES names");
      addIf(
          insecure,
          gateway().allowAnonymous(),
          "anybody who reaches " + gateway().host()
              + " may chat at your cost; CONSOUL_API_KEYS, and CONSOUL_ALLOW_ANONYMOUS=false");
      addIf(
          insecure,
          !gateway().limits().enabled(),
          "no rate limits on " + gateway().host()
              + ": one caller can take all there is; CONSOUL_RATE_LIMIT_ENABLED=true");
      addIf(
          insecure,
          gateway().limits().enabled() && gateway().limits().defaultLimits().isEmpty(),
          "no rate limits on " + gateway().host()
              + " for callers without a tier: one can take all there is; CONSOUL_DEFAULT_LIMITS=10/minute");
    }
    String metricsHost = configuration.node().metrics().host().orElse(gateway().host());
    addIf(
        insecure,
        configuration.node().metrics().enabled() && isPublic(metricsHost),
        "metrics can be read by anybody who reaches " + metricsHost
            + "; CONSOUL_METRICS_HOST=127.0.0.1, or a firewall that lets only Prometheus in");
    addIf(
        insecure,
        configuration.node().cluster() && !isBusSecure() && (busHost == null || isPublic(busHost)),
        "the event bus takes messages from anybody who reaches "
            + (busHost == null ? "its port" : busHost)
            + "; CONSOUL_EVENT_BUS_KEY_STORE, or a firewall that lets only the nodes in");
    return insecure;
  }

  /** Whether others than this machine may reach it. No name is looked up. */
  static boolean isPublic(String host) {
    return !LOOPBACK.matcher(host).matches();
  }

  private void limits(List<String> off) {
    addIf(
        off,
        !gateway().limits().enabled() && !isPublic(gateway().host()),
        "rate limits; CONSOUL_RATE_LIMIT_ENABLED=true");
    addIf(
        off,
        gateway().limits().enabled()
            && configuration.node().cluster()
            && !gateway().limits().redis().isConfigured(),
        "rate limits of the whole cluster: each node counts for itself; CONSOUL_RATE_LIMIT_REDIS_URL");
  }

  private GatewayConfig gateway() {
    return configuration.gateway();
  }

  private TracingConfig tracing() {
    return configuration.node().tracing();
  }

  private boolean hasSessionRedis() {
    return configuration.session().redis().isConfigured();
  }

  private boolean hasFallback() {
    return configuration.session().redis().fallback().enabled();
  }

  private boolean isBusSecure() {
    return configuration.node().eventBus().keyStore().isPresent();
  }

  private boolean runs(Kind kind) {
    return configuration.node().verticles().has(kind);
  }

  private static void addIf(List<String> list, boolean applies, String text) {
    if (applies) {
      list.add(text);
    }
  }
}
