package io.consoul.gateway;

import io.consoul.message.MessagePage;
import io.consoul.message.SessionInfo;
import io.vertx.core.json.JsonObject;

/** Sessions and their messages in the words of a client. */
final class SessionBody {

  private SessionBody() {}

  /** As in a list. */
  static JsonObject summary(SessionInfo session) {
    return new JsonObject()
        .put("session_id", session.session().value())
        .put("model", session.model())
        .put("created_at", ErrorBody.timestamp(session.created()))
        .put("updated_at", ErrorBody.timestamp(session.updated()))
        .put("expires_at", ErrorBody.timestamp(session.expires()))
        .put("turns", session.turns())
        .put("usage", session.usage().toJson());
  }

  /** With settings, metadata and the turn in progress. */
  static JsonObject whole(SessionInfo session) {
    JsonObject metadata = new JsonObject();
    session.metadata().forEach(metadata::put);
    return summary(session)
        .put("system_prompt", session.settings().systemPrompt())
        .put("temperature", session.settings().temperature())
        .put("max_tokens", session.settings().maxTokens())
        .put("metadata", metadata)
        .put(
            "turn_in_progress",
            session.turnInProgress() == null ? null : session.turnInProgress().value());
  }

  /** What is stored with an answer only is left out of a user's message. */
  static JsonObject message(MessagePage.Entry message) {
    JsonObject body = new JsonObject(message.message().json())
        .put("turn_id", message.turn().value())
        .put("timestamp", ErrorBody.timestamp(message.timestamp()));
    return message.usage() == null
        ? body
        : body.put("model", message.model())
            .put("usage", message.usage().toJson())
            .put("finish_reason", message.finishReason().wireName());
  }
}
