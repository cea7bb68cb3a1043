package io.consoul.gateway;

import io.consoul.gateway.http.HttpConfig;
import io.consoul.gateway.key.ApiKeys;
import io.consoul.gateway.limit.LimitConfig;

/** What of the configuration may change while the node runs; it is replaced as a whole. */
record Rules(
    boolean allowAnonymous, boolean accessLog, ApiKeys keys, LimitConfig limits, HttpConfig http) {

  static Rules of(GatewayConfig config) {
    return new Rules(
        config.allowAnonymous(),
        config.accessLog(),
        ApiKeys.of(config.keys()),
        config.limits(),
        config.http());
  }
}
