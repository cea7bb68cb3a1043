package io.consoul.launcher;

import io.consoul.gateway.GatewayConfig;
import io.consoul.gateway.key.ApiKey;
import io.consoul.message.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a configuration allows that its owner may not have meant: what a start would call insecure, and settings that keep callers
 * out.
 */
record Advice(Posture posture) {

  /** Each says what is so, what comes of it, and what to do. */
  List<String> warnings(Instant now) {
    List<String> warnings = new ArrayList<>(posture.insecure());
    if (posture.configuration().node().verticles().has(Kind.GATEWAY)) {
      expired(warnings, now);
      unreachable(warnings);
    }
    return warnings;
  }

  private void expired(List<String> warnings, Instant now) {
    List<ApiKey> keys = gateway().keys().keys();
    List<ApiKey> expired = keys.stream().filter(key -> key.isExpired(now)).toList();
    if (!expired.isEmpty()) {
      warnings.add(expired.size() + " of " + keys.size()
          + (keys.size() == 1 ? " API key has" : " API keys have") + " expired: "
          + expired.stream().map(ApiKey::id).collect(Collectors.joining(", "))
          + (expired.size() == keys.size() ? "; no key is left that lets anybody in" : ""));
    }
  }

  private void unreachable(List<String> warnings) {
    boolean open = gateway().allowAnonymous() || !gateway().keys().keys().isEmpty();
    if (!open && Posture.isPublic(gateway().host())) {
      warnings.add("nobody but this machine is served on " + gateway().host()
          + ", for there are no API keys; CONSOUL_API_KEYS");
    }
  }

  private GatewayConfig gateway() {
    return posture.configuration().gateway();
  }
}
