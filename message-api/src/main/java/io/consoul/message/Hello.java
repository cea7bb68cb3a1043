package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * A verticle instance tells the cluster that it lives and where it takes messages.
 *
 * @param node id of its JVM
 * @param load turns in progress
 * @param draining it finishes what it has and takes nothing new
 * @param gone its last word
 * @param frameVersion newest frame of {@link BusCodec} that its node reads
 * @param store of a session instance: where it keeps its sessions just now; null for the other kinds
 */
public record Hello(
    Kind kind,
    String node,
    String inbox,
    int load,
    boolean draining,
    boolean gone,
    int frameVersion,
    StoreState store)
    implements BusMessage {

  public Hello {
    requireNonNull(kind, "kind");
    requireNonNull(node, "node");
    requireNonNull(inbox, "inbox");
    load = Math.max(0, load); // who has less than nothing to do would be given everything
  }

  /** Of an instance that keeps no sessions. */
  public Hello(
      Kind kind,
      String node,
      String inbox,
      int load,
      boolean draining,
      boolean gone,
      int frameVersion) {
    this(kind, node, inbox, load, draining, gone, frameVersion, null);
  }

  @Override
  public WireType wireType() {
    return WireType.HELLO;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("kind", kind.wireName())
        .put("node", node)
        .put("inbox", inbox)
        .put("load", load)
        .put("draining", draining)
        .put("gone", gone)
        .put("frame_version", frameVersion)
        .put("store", store == null ? null : store.wireName());
  }

  static Hello fromJson(JsonObject json) {
    return new Hello(
        Kind.valueOf(json.getString("kind").toUpperCase(Locale.ROOT)),
        json.getString("node"),
        json.getString("inbox"),
        json.getInteger("load", 0),
        json.getBoolean("draining", false),
        json.getBoolean("gone", false),
        json.getInteger("frame_version", 1),
        StoreState.of(json.getString("store")));
  }
}
