package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * Published when a provider's breaker on a node has changed, and repeated every few seconds while it is not closed.
 *
 * @param node id of its JVM
 * @param retryAfterMillis from now to the first probe of an open one; else 0
 */
public record BreakerChanged(String provider, State state, String node, long retryAfterMillis)
    implements BusMessage {

  /** What a breaker does with calls. */
  public enum State {
    /** It lets all pass. */
    CLOSED,
    /** It lets some pass, to see how they fare. */
    HALF_OPEN,
    /** It refuses all. */
    OPEN;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public BreakerChanged {
    requireNonNull(provider, "provider");
    requireNonNull(state, "state");
    requireNonNull(node, "node");
  }

  @Override
  public WireType wireType() {
    return WireType.BREAKER_CHANGED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("provider", provider)
        .put("state", state.wireName())
        .put("node", node)
        .put("retry_after_ms", retryAfterMillis);
  }

  static BreakerChanged fromJson(JsonObject json) {
    return new BreakerChanged(
        json.getString("provider"),
        State.valueOf(json.getString("state").toUpperCase(Locale.ROOT)),
        json.getString("node"),
        json.getLong("retry_after_ms", 0L));
  }
}
