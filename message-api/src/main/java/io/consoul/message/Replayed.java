package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Session to listener: a piece of an answer that is stored, and how its turn ended. A piece is never longer than the
 * listener's window; the last one reaches {@link #length}.
 *
 * @param offset where {@code text} begins; below what was asked for means: cut back to it
 * @param end {@link Completed} or {@link TurnFailed}, as those got it who followed the turn
 * @param cuts how many cuts the answer has
 */
public record Replayed(TurnId turn, int offset, String text, TurnEvent end, int cuts)
    implements BusMessage {

  /** Of an answer without a cut. */
  public Replayed(TurnId turn, int offset, String text, TurnEvent end) {
    this(turn, offset, text, end, 0);
  }

  public Replayed {
    requireNonNull(turn, "turn");
    requireNonNull(text, "text");
    requireNonNull(end, "end");
  }

  /** The piece as its provider would have sent it. */
  public Delta delta() {
    return new Delta(turn, end.fence(), offset, text);
  }

  /** Of the whole answer. */
  public int length() {
    return end instanceof Completed completed
        ? completed.length()
        : end instanceof TurnFailed failed ? failed.length() : offset + text.length();
  }

  /** Whether nothing comes after this piece. */
  public boolean isLast() {
    return offset + text.length() >= length();
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_REPLAYED;
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = new JsonObject()
        .put("turn", turn.value())
        .put("offset", offset)
        .put("text", text)
        .put("end", end.toTypedJson());
    return cuts == 0 ? json : json.put("cuts", cuts);
  }

  static Replayed fromJson(JsonObject json) {
    JsonObject end = json.getJsonObject("end");
    return new Replayed(
        TurnId.parse(json.getString("turn")),
        json.getInteger("offset"),
        json.getString("text"),
        (TurnEvent) WireType.named(end.getString(WireType.TYPE_KEY)).read(end),
        json.getInteger("cuts", 0));
  }
}
