package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Node to node: this provider wants to be left alone with this model.
 *
 * @param node id of the JVM that was told so
 * @param millis from now on; no point in time, because clocks differ
 */
public record ProviderHeld(String provider, String model, String node, long millis)
    implements BusMessage {

  public ProviderHeld {
    requireNonNull(provider, "provider");
    requireNonNull(model, "model");
    requireNonNull(node, "node");
  }

  @Override
  public WireType wireType() {
    return WireType.PROVIDER_HELD;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("provider", provider)
        .put("model", model)
        .put("node", node)
        .put("millis", millis);
  }

  static ProviderHeld fromJson(JsonObject json) {
    return new ProviderHeld(
        json.getString("provider"),
        json.getString("model"),
        json.getString("node"),
        json.getLong("millis"));
  }
}
