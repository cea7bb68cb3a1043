package io.consoul.provider;

import io.consoul.config.ConfigReader;
import io.consoul.provider.Upstream.Dialect;
import java.util.Optional;

/**
 * A provider that the environment alone can configure. In provider.json a section of its name stands for its variables; an
 * entry of its name in {@code providers} takes them.
 */
enum Shorthand {
  OPENAI(
      "openai",
      Dialect.OPENAI,
      "OPENAI_API_KEY",
      "OPENAI_API_KEY",
      "OPENAI_BASE_URL",
      "OPENAI_BASE_URL",
      "OPENAI_TIMEOUT"),
  ANTHROPIC(
      "anthropic",
      Dialect.ANTHROPIC,
      "ANTHROPIC_API_KEY",
      "ANTHROPIC_API_KEY",
      "ANTHROPIC_BASE_URL",
      "ANTHROPIC_BASE_URL",
      "ANTHROPIC_TIMEOUT"),
  GOOGLE(
      "google",
      Dialect.GEMINI,
      "GOOGLE_API_KEY",
      "GEMINI_API_KEY",
      "GOOGLE_BASE_URL",
      "GOOGLE_BASE_URL",
      "GOOGLE_TIMEOUT"),
  OLLAMA(
      "ollama",
      Dialect.OLLAMA,
      "OLLAMA_API_KEY",
      "OLLAMA_API_KEY",
      "OLLAMA_HOST",
      "OLLAMA_API_BASE",
      "OLLAMA_TIMEOUT");

  private final String providerName;
  private final Dialect dialect;
  private final String key;
  private final String keyAlias;
  private final String address;
  private final String addressAlias;
  private final String timeout;

  Shorthand(
      String providerName,
      Dialect dialect,
      String key,
      String keyAlias,
      String address,
      String addressAlias,
      String timeout) {
    this.providerName = providerName;
    this.dialect = dialect;
    this.key = key;
    this.keyAlias = keyAlias;
    this.address = address;
    this.addressAlias = addressAlias;
    this.timeout = timeout;
  }

  static Optional<Shorthand> named(String provider) {
    for (Shorthand shorthand : values()) {
      if (shorthand.providerName.equals(provider)) {
        return Optional.of(shorthand);
      }
    }
    return Optional.empty();
  }

  String providerName() {
    return providerName;
  }

  Dialect dialect() {
    return dialect;
  }

  /** The variable that holds the key: the one of the two names that is set. */
  String keyVariable(ConfigReader reader) {
    return reader.either(key, keyAlias);
  }

  /** The variable that holds the address: the one of the two names that is set. */
  String addressVariable(ConfigReader reader) {
    return reader.either(address, addressAlias);
  }

  String timeoutVariable() {
    return timeout;
  }
}
