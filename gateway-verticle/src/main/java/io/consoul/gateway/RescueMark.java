package io.consoul.gateway;

import io.consoul.message.Completed;
import io.vertx.core.json.JsonObject;

/**
 * Tells the client whether its answer went on after its provider had failed in the middle of it: it is whole, but it may be the work
 * of two models. An ordinary answer has nothing of it.
 */
final class RescueMark {

  private RescueMark() {}

  /** @return the same object, marked where it has to be */
  static JsonObject on(JsonObject answer, Completed completed) {
    return completed.rescues() > 0 ? answer.put("rescued", true) : answer;
  }
}
