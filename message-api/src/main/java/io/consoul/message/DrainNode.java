package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/**
 * An operator to a node: finish what you have, take nothing new, leave and end, as after SIGTERM. Any node answers and passes it
 * on to the one that is meant.
 *
 * @param node its id, as {@link Hello#node} tells it
 */
public record DrainNode(String node) implements BusMessage {

  public DrainNode {
    requireNonNull(node, "node");
  }

  @Override
  public WireType wireType() {
    return WireType.NODE_DRAIN;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("node", node);
  }

  static DrainNode fromJson(JsonObject json) {
    String node = json.getString("node");
    if (node == null || node.isBlank()) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("node", "is required");
    }
    return new DrainNode(node);
  }
}
