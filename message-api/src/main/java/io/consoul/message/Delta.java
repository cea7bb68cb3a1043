package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * A piece of the answer. Pieces can be cut anywhere (never inside a surrogate pair) and may overlap: the receiver drops
 * what it has. An offset below what it shows under a higher fence means: cut back to it.
 *
 * @param offset where the piece begins in the whole answer, in UTF-16 code units
 */
public record Delta(TurnId turn, long listenerId, long fence, int offset, String text)
    implements TurnEvent {

  public Delta(TurnId turn, long fence, int offset, String text) {
    this(turn, Listener.ONLY, fence, offset, text);
  }

  @Override
  public Delta to(long listener) {
    return listener == listenerId ? this : new Delta(turn, listener, fence, offset, text);
  }

  /** Length of the answer up to and including this piece. */
  public int end() {
    return offset + text.length();
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_DELTA;
  }

  @Override
  public JsonObject toJson() {
    return Listener.number(
        new JsonObject()
            .put("turn", turn.value())
            .put("fence", fence)
            .put("offset", offset)
            .put("text", text),
        listenerId);
  }

  static Delta fromJson(JsonObject json) {
    return new Delta(
        TurnId.parse(json.getString("turn")),
        Listener.number(json),
        json.getLong("fence"),
        json.getInteger("offset"),
        json.getString("text"));
  }
}
