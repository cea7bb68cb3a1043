package io.consoul.launcher;

import io.consoul.config.ConfigReader;
import io.consoul.config.Secret;
import java.util.Optional;

/**
 * Section {@code eventBus} of conf/node.json: with what the nodes of a cluster know each other on the event bus. Without it the
 * bus takes messages from everybody who reaches its port.
 *
 * @param keyStore file in PKCS#12 with the key of this node, its certificate, and the certificates that are trusted
 * @param keyStorePassword of the file and of the key in it
 */
public record EventBusConfig(Optional<String> keyStore, Optional<Secret> keyStorePassword) {

  /** Reads the section and closes it. */
  static EventBusConfig from(ConfigReader section) {
    EventBusConfig config = new EventBusConfig(
        section.text("keyStore", "CONSOUL_EVENT_BUS_KEY_STORE"),
        section.secret("keyStorePassword", "CONSOUL_EVENT_BUS_KEY_STORE_PASSWORD"));
    if (config.keyStore().isPresent() && config.keyStorePassword().isEmpty()) {
      section.reject("keyStorePassword", "is required where there is a keyStore");
    }
    if (config.keyStore().isEmpty() && config.keyStorePassword().isPresent()) {
      section.reject("keyStore", "is required where there is a keyStorePassword");
    }
    section.closed();
    return config;
  }
}
