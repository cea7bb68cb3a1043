package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Turns that keep the session to themselves: between two of them no other turn begins. The session is free again after the
 * last one, or when the next one does not come for as long as a lease.
 *
 * @param id the same in all turns of the batch, and in no other
 * @param last whether no turn of the batch comes after this one
 */
public record Batch(String id, boolean last) {

  public Batch {
    requireNonNull(id, "id");
  }

  JsonObject toJson() {
    return new JsonObject().put("id", id).put("last", last);
  }

  static Batch fromJson(JsonObject json) {
    return json == null ? null : new Batch(json.getString("id"), json.getBoolean("last", false));
  }
}
