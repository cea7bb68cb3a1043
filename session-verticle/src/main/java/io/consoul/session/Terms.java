package io.consoul.session;

import io.consoul.message.Settings;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The part of the configuration that a step goes by. It travels with the step: all members have to come to the same result,
 * also while their configurations differ.
 */
final class Terms {

  /** All nodes together have few; more than that are forgotten and read again. */
  private static final int MAX_KNOWN = 64;

  private static final Map<String, SessionConfig> KNOWN = new ConcurrentHashMap<>();

  private Terms() {}

  /** With what new sessions are made with. */
  static String encoded(SessionConfig config) {
    Settings settings = config.settings();
    return times(config)
        .put(
            "newSessions",
            new JsonObject()
                .put("model", config.model())
                .put("systemPrompt", settings.systemPrompt())
                .put("temperature", settings.temperature())
                .put("maxTokens", settings.maxTokens()))
        .encode();
  }

  /** Without what may be long, for steps that make no session. */
  static String ofTimes(SessionConfig config) {
    return times(config).encode();
  }

  /** As a configuration, in which the rest is as by default. */
  static SessionConfig decoded(String encoded) {
    SessionConfig known = KNOWN.get(encoded);
    if (known != null) {
      return known;
    }
    if (KNOWN.size() >= MAX_KNOWN) {
      KNOWN.clear();
    }
    return KNOWN.computeIfAbsent(encoded, text -> SessionConfig.from(new JsonObject(text)));
  }

  private static JsonObject times(SessionConfig config) {
    return new JsonObject()
        .put("ttlSeconds", config.ttl().toMillis() / 1_000.0)
        .put("leaseSeconds", config.lease().toMillis() / 1_000.0)
        .put("maxHistoryTokens", config.maxHistoryTokens());
  }
}
