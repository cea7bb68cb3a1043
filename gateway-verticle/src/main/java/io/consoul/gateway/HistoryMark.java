package io.consoul.gateway;

import io.vertx.core.json.JsonObject;

/**
 * Tells the client whether its answer was given without what was said before, because the store was away and nobody had it
 * at hand. An ordinary answer has nothing of it.
 */
final class HistoryMark {

  private boolean unavailable;

  void unavailable() {
    unavailable = true;
  }

  /** @return the same object, marked where it has to be */
  JsonObject on(JsonObject answer) {
    return unavailable ? answer.put("degraded", true).put("history", "unavailable") : answer;
  }
}
