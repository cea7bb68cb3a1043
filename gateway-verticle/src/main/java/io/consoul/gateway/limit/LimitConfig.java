package io.consoul.gateway.limit;

import io.consoul.config.ConfigReader;

/** The section {@code rateLimit} of conf/gateway.json. */
public record LimitConfig() {

  /** @param limits the section; it is closed here */
  public static LimitConfig from(ConfigReader limits) {
    limits.closed();
    return new LimitConfig();
  }
}
