package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Published when a node's store of sessions has failed or is back.
 *
 * @param node id of its JVM
 * @param merged turns of the outage that went into the store that is back; 0 at its beginning
 */
public record StoreChanged(String node, StoreState state, long merged) implements BusMessage {

  public StoreChanged {
    requireNonNull(node, "node");
    requireNonNull(state, "state");
  }

  @Override
  public WireType wireType() {
    return WireType.STORE_CHANGED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("node", node).put("state", state.wireName()).put("merged", merged);
  }

  static StoreChanged fromJson(JsonObject json) {
    return new StoreChanged(
        json.getString("node"), StoreState.of(json.getString("state")), json.getLong("merged", 0L));
  }
}
