package io.consoul.message;

import io.vertx.core.json.JsonObject;

/** Provider to listener: attached; the stream goes on from the offset that was asked for. */
public record Following(TurnId turn, long fence, Cuts cuts) implements BusMessage {

  /** Of an answer without a cut. */
  public Following(TurnId turn, long fence) {
    this(turn, fence, Cuts.NONE);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_FOLLOWING;
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = new JsonObject().put("turn", turn.value()).put("fence", fence);
    return cuts.isEmpty() ? json : json.put("cuts", cuts.toJson());
  }

  static Following fromJson(JsonObject json) {
    return new Following(
        TurnId.parse(json.getString("turn")),
        json.getLong("fence"),
        Cuts.fromJson(json.getJsonArray("cuts")));
  }
}
