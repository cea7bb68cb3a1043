package io.consoul.launcher.chat;

import io.vertx.core.json.JsonObject;

/** One message of the user and what has come of it: enough to go on after the connection is lost. */
final class Turn {

  private final JsonObject message;
  private final Answer answer = new Answer();
  private String id;
  private int cuts;
  private boolean sent;
  private boolean stopping;

  /**
   * @param model null for the session's
   * @param key by which the server knows the message when it comes again, and does not run it twice
   */
  Turn(String content, String model, String key) {
    message = new JsonObject().put("type", "message").put("content", content);
    if (model != null) {
      message.put("model", model);
    }
    message.put("idempotency_key", key);
  }

  Answer answer() {
    return answer;
  }

  /** Null until the server has told it. */
  String id() {
    return id;
  }

  /** What brings a new connection to where this turn is. */
  JsonObject opening() {
    sent = true;
    if (id == null) {
      return message;
    }
    JsonObject resume =
        new JsonObject().put("type", "resume").put("turn_id", id).put("after", answer.length());
    return cuts == 0 ? resume : resume.put("cuts", cuts);
  }

  /** Whether the server may have it. */
  boolean isSent() {
    return sent;
  }

  boolean isStopping() {
    return stopping;
  }

  void stop() {
    stopping = true;
  }

  /** Whether a message that names this turn, or none, is about this one. */
  boolean owns(String turnId) {
    return id == null || turnId == null || id.equals(turnId);
  }

  /** A server without offsets sends each piece once, and one after the other. */
  Answer.Step add(ServerMessage.Token token) {
    if (id == null) {
      id = token.turn();
    }
    Answer.Step step =
        answer.add(token.offset() < 0 ? answer.length() : token.offset(), token.text());
    if (step.kind() != Answer.Kind.GAP) {
      cuts = token.cuts();
    }
    return step;
  }
}
