package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;

/**
 * Session to whoever asked: what is known of a session besides its messages.
 *
 * @param model null while it has none: it gets the provider's default with its first answer
 * @param updated when its last turn was stored, or when it was made
 * @param expires when it is forgotten if nothing happens in it
 * @param turns that are stored
 * @param usage of all of them together
 * @param turnInProgress or null
 */
public record SessionInfo(
    SessionId session,
    String model,
    Instant created,
    Instant updated,
    Instant expires,
    int turns,
    Usage usage,
    Settings settings,
    Map<String, String> metadata,
    TurnId turnInProgress)
    implements BusMessage {

  public SessionInfo {
    requireNonNull(session, "session");
    requireNonNull(created, "created");
    requireNonNull(updated, "updated");
    requireNonNull(expires, "expires");
    metadata = Map.copyOf(metadata);
  }

  @Override
  public WireType wireType() {
    return WireType.SESSION_INFO;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("session", session.value())
        .put("model", model)
        .put("created", created)
        .put("updated", updated)
        .put("expires", expires)
        .put("turns", turns)
        .put("usage", usage.toJson())
        .put("settings", settings.toJson())
        .put("metadata", CreateSession.Metadata.toJson(metadata))
        .put("turn_in_progress", turnInProgress == null ? null : turnInProgress.value());
  }

  static SessionInfo fromJson(JsonObject json) {
    String turn = json.getString("turn_in_progress");
    return new SessionInfo(
        SessionId.of(json),
        json.getString("model"),
        json.getInstant("created"),
        json.getInstant("updated"),
        json.getInstant("expires"),
        json.getInteger("turns"),
        Usage.fromJson(json.getJsonObject("usage")),
        Settings.fromJson(json.getJsonObject("settings")),
        CreateSession.Metadata.fromJson(json.getJsonObject("metadata")),
        turn == null ? null : TurnId.parse(turn));
  }
}
