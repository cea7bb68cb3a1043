package io.consoul.launcher;

import io.consoul.gateway.GatewayConfig;
import io.consoul.gateway.key.ApiKey;
import io.consoul.message.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a configuration allows that its owner may not have meant: settings that are right alone and risky together. */
record Advice(Configuration configuration) {

  /** Each says what is so, what comes of it, and what to do. */
  List<String> warnings(Instant now) {
    List<String> warnings = new ArrayList<>();
    NodeConfig node = configuration.node();
    if (node.verticles().has(Kind.GATEWAY)) {
      keys(warnings, now);
      if (isPublic(configuration.gateway().host())) {
        address(warnings);
      }
    }
    if (node.cluster() && node.eventBus().keyStore().isEmpty()) {
      warnings.add(
          "the cluster's event bus has no TLS: whoever reaches its port can read and send messages;"
              + " keep the port among the nodes, or set node.json: eventBus.keyStore");
    }
    return warnings;
  }

  private void keys(List<String> warnings, Instant now) {
    List<ApiKey> keys = configuration.gateway().keys().keys();
    List<ApiKey> expired = keys.stream().filter(key -> key.isExpired(now)).toList();
    if (!expired.isEmpty()) {
      warnings.add(expired.size() + " of " + keys.size()
          + (keys.size() == 1 ? " API key has" : " API keys have") + " expired: "
          + expired.stream().map(ApiKey::id).collect(Collectors.joining(", "))
          + (expired.size() == keys.size() ? "; no key is left that lets anybody in" : ""));
    }
  }

  /** Of one that others reach. */
  private void address(List<String> warnings) {
    GatewayConfig gateway = configuration.gateway();
    String where = gateway.host() + " port " + gateway.port();
    if (gateway.allowAnonymous()) {
      warnings.add("anybody who reaches " + where
          + " is served without an API key, at your expense: gateway.json: allowAnonymous is true");
    } else if (gateway.keys().keys().isEmpty()) {
      warnings.add("nobody but this machine is served at " + where
          + ", since there are no API keys; set some (CONSOUL_API_KEYS, gateway.json: auth.keys)");
    }
    boolean behindProxy = !gateway.http().trustedProxies().networks().isEmpty();
    if (!gateway.isSecure() && !behindProxy) {
      warnings.add("what is said at " + where
          + ", API keys too, can be read on the way: set gateway.json: tls.cert and tls.key, or let a proxy"
          + " speak TLS and name it in trustedProxies");
    }
    if (!gateway.limits().enabled()) {
      warnings.add("there are no rate limits at " + where
          + ": gateway.json: rateLimit.enabled is false, and one caller can take all there is");
    } else if (gateway.limits().defaultLimits().isEmpty()) {
      warnings.add("callers without a tier have no rate limit at " + where
          + ": gateway.json: rateLimit.defaultLimits is unlimited");
    }
  }

  private static boolean isPublic(String host) {
    return !host.equals("localhost") && !host.startsWith("127.") && !host.equals("::1");
  }
}
