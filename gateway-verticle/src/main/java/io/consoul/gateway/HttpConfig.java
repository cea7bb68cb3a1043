package io.consoul.gateway;

import io.consoul.config.ConfigReader;

/** The sections {@code cors}, {@code tls} and {@code http} of conf/gateway.json: how browsers, proxies and connections are met. */
public record HttpConfig() {

  static HttpConfig from(ConfigReader root) {
    return new HttpConfig();
  }
}
