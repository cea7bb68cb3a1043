package io.consoul.gateway.limit;

import io.consoul.config.ConfigReader;

/** The section {@code rateLimit} of conf/gateway.json. */
public record LimitConfig(boolean enabled) {

  /** @param limits the section; it is closed here */
  public static LimitConfig from(ConfigReader limits) {
    LimitConfig config = new LimitConfig(limits.flag(
        "enabled", limits.either("CONSOUL_RATE_LIMIT_ENABLED", "CONSOUL_ENABLED"), true));
    limits.closed();
    return config;
  }
}
