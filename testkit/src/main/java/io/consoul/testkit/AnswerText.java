package io.consoul.testkit;

import io.vertx.core.json.JsonObject;

/** The text of an answer as a client keeps it: cut back to a smaller offset, and never with a gap. */
final class AnswerText {

  private final StringBuilder text = new StringBuilder();

  /** Takes the data of a token, {@code text} and {@code offset}. */
  AnswerText add(JsonObject token) {
    int offset = token.getInteger("offset");
    if (offset > text.length()) {
      throw new AssertionError(
          "gap: have " + text.length() + " of the answer, got offset " + offset);
    }
    text.setLength(offset);
    text.append(token.getString("text"));
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
