package io.consoul.gateway.key;

import io.consoul.config.ConfigReader;

/** The section {@code auth} of conf/gateway.json: the API keys and where callers put them. */
public record KeyConfig() {

  /** @param auth the section; it is closed here */
  public static KeyConfig from(ConfigReader auth) {
    auth.closed();
    return new KeyConfig();
  }
}
