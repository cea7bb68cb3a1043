package io.consoul.testkit;

import io.vertx.core.json.JsonObject;

/**
 * One piece of a scripted answer, as one event of a stream brings it.
 *
 * @param index of the tool call that the piece belongs to
 * @param id of the tool call, on its first piece
 * @param name of the tool, on the first piece of its call
 * @param text said, thought, or a part of the arguments
 * @param delta for what only OpenAI's format has: the {@code delta} of a chunk
 */
record Piece(Kind kind, int index, String id, String name, String text, JsonObject delta) {

  enum Kind {
    ECHO,
    TEXT,
    REASONING,
    TOOL_CALL,
    TOOL_ARGUMENTS,
    DELTA
  }

  static Piece echo() {
    return new Piece(Kind.ECHO, 0, null, null, "", null);
  }

  static Piece text(String text) {
    return new Piece(Kind.TEXT, 0, null, null, text, null);
  }

  static Piece reasoning(String text) {
    return new Piece(Kind.REASONING, 0, null, null, text, null);
  }

  static Piece toolCall(int index, String id, String name, String arguments) {
    return new Piece(Kind.TOOL_CALL, index, id, name, arguments, null);
  }

  static Piece toolArguments(int index, String fragment) {
    return new Piece(Kind.TOOL_ARGUMENTS, index, null, null, fragment, null);
  }

  static Piece delta(JsonObject delta) {
    return new Piece(Kind.DELTA, 0, null, null, "", delta.copy());
  }

  boolean isTool() {
    return kind == Kind.TOOL_CALL || kind == Kind.TOOL_ARGUMENTS;
  }

  Piece later(int calls) {
    return isTool() ? new Piece(kind, index + calls, id, name, text, delta) : this;
  }

  Piece withText(String other) {
    return new Piece(kind, index, id, name, other, delta);
  }
}
