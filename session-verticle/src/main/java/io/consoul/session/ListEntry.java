package io.consoul.session;

import io.consoul.message.Tenant;
import io.vertx.core.json.JsonArray;

/** A session in the list of its tenant. */
record ListEntry(Tenant tenant, ListPosition position) {

  /** @return null for null */
  static ListEntry of(MemorySession session) {
    return session == null ? null : new ListEntry(session.tenant(), session.position());
  }

  JsonArray toJson() {
    return new JsonArray().add(tenant.name()).add(position.created()).add(position.id());
  }

  /** @return null for null */
  static ListEntry fromJson(JsonArray json) {
    return json == null
        ? null
        : new ListEntry(
            new Tenant(json.getString(0)), new ListPosition(json.getLong(1), json.getString(2)));
  }
}
