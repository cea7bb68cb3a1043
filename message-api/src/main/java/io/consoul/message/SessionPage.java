package io.consoul.message;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * Session to whoever asked: sessions, the newest first.
 *
 * @param nextCursor null when there are no more
 */
public record SessionPage(List<SessionInfo> sessions, String nextCursor) implements BusMessage {

  public SessionPage {
    sessions = List.copyOf(sessions);
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_PAGE;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put(
            "sessions", new JsonArray(sessions.stream().map(SessionInfo::toJson).toList()))
        .put("next_cursor", nextCursor);
  }

  static SessionPage fromJson(JsonObject json) {
    return new SessionPage(
        json.getJsonArray("sessions").stream()
            .map(info -> SessionInfo.fromJson((JsonObject) info))
            .toList(),
        json.getString("next_cursor"));
  }
}
