package io.consoul.gateway;

import io.consoul.gateway.limit.NodeLimits;
import io.vertx.core.json.JsonObject;

/** What /ready says about where this node counts the rate limits. */
final class LimitCheck {

  /** Adds {@code rate_limit_store}, unless there are no limits, and {@code redis} where limits are in Redis and nowhere else. */
  static void addTo(JsonObject checks, NodeLimits.Place place) {
    switch (place) {
      case NONE -> {}
      case MEMORY -> checks.put("rate_limit_store", "memory");
      case DEGRADED -> checks.put("rate_limit_store", "degraded");
      case REDIS -> {
        checks.put("rate_limit_store", "redis");
        checks.put("redis", checks.getBoolean("redis", true));
      }
      case DOWN -> checks.put("rate_limit_store", "redis").put("redis", false);
    }
  }

  private LimitCheck() {}
}
