package io.consoul.session;

import io.vertx.core.json.JsonArray;

/** A session in its list. */
record ListEntry(ListName list, ListPosition position) {

  /** @return null for null */
  static ListEntry of(MemorySession session) {
    return session == null ? null : new ListEntry(session.list(), session.position());
  }

  JsonArray toJson() {
    return new JsonArray().add(list.toString()).add(position.created()).add(position.id());
  }

  /** @return null for null */
  static ListEntry fromJson(JsonArray json) {
    return json == null
        ? null
        : new ListEntry(
            ListName.parse(json.getString(0)),
            new ListPosition(json.getLong(1), json.getString(2)));
  }
}
