package io.consoul.gateway;

import io.consoul.message.Completed;
import io.vertx.core.json.JsonObject;

/** What a client of a stream is told at the end of a turn. */
final class TurnDone {

  private TurnDone() {}

  static JsonObject of(Completed completed) {
    JsonObject done = new JsonObject()
        .put("session_id", completed.turn().session().value())
        .put("usage", completed.usage().toJson().put("duration_ms", completed.durationMillis()))
        .put("timestamp", ErrorBody.timestamp(completed.timestamp()))
        .put("turn_id", completed.turn().value())
        .put("finish_reason", completed.finishReason().wireName())
        .put("model", completed.model())
        .put("provider", completed.provider());
    return RescueMark.on(done, completed);
  }
}
