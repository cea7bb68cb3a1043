package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * Published when a node joins, begins to drain, or leaves. A node that joins or drains says so itself; of one that has left the
 * others tell, each for itself, so that it may come more than once.
 *
 * @param node its id
 * @param nodes how many there are now, as far as the one that says it knows
 */
public record NodeChanged(String node, Change change, int nodes) implements BusMessage {

  /** What has happened to it. */
  public enum Change {
    JOINED,
    DRAINING,
    LEFT;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public NodeChanged {
    requireNonNull(node, "node");
    requireNonNull(change, "change");
  }

  @Override
  public WireType wireType() {
    return WireType.NODE_CHANGED;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject().put("node", node).put("change", change.wireName()).put("nodes", nodes);
  }

  static NodeChanged fromJson(JsonObject json) {
    return new NodeChanged(
        json.getString("node"),
        Change.valueOf(json.getString("change").toUpperCase(Locale.ROOT)),
        json.getInteger("nodes", 0));
  }
}
