package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * Provider to listener: what the model says besides the text, for those who asked for a completion; the listeners of a
 * session's turn do not get it. They may overlap: the receiver drops what it has.
 *
 * @param from how many asides of this turn come before these
 */
public record Asides(TurnId turn, long listenerId, long fence, int from, List<Aside> asides)
    implements TurnEvent {

  public Asides {
    requireNonNull(turn, "turn");
    asides = List.copyOf(asides);
  }

  public Asides(TurnId turn, long fence, int from, List<Aside> asides) {
    this(turn, Listener.ONLY, fence, from, asides);
  }

  @Override
  public Asides to(long listener) {
    return listener == listenerId ? this : new Asides(turn, listener, fence, from, asides);
  }

  /** How many asides there are up to and including these. */
  public int end() {
    return from + asides.size();
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_ASIDES;
  }

  @Override
  public JsonObject toJson() {
    return Listener.number(
        new JsonObject()
            .put("turn", turn.value())
            .put("fence", fence)
            .put("from", from)
            .put("asides", new JsonArray(asides.stream().map(Aside::toJson).toList())),
        listenerId);
  }

  static Asides fromJson(JsonObject json) {
    return new Asides(
        TurnId.parse(json.getString("turn")),
        Listener.number(json),
        json.getLong("fence"),
        json.getInteger("from"),
        json.getJsonArray("asides").stream()
            .map(aside -> Aside.fromJson((JsonObject) aside))
            .toList());
  }
}
