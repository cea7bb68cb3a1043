package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * A listener and how far it has got.
 *
 * @param after how much of the answer it has, in UTF-16 code units
 * @param cuts how many cuts it has seen, see {@link Cuts}
 */
public record Follower(Listener listener, int after, int cuts) {

  public Follower {
    requireNonNull(listener, "listener");
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("listener", listener.toJson())
        .put("after", after)
        .put("cuts", cuts);
  }

  static Follower fromJson(JsonObject json) {
    return new Follower(
        Listener.fromJson(json.getJsonObject("listener")),
        json.getInteger("after", 0),
        json.getInteger("cuts", 0));
  }
}
