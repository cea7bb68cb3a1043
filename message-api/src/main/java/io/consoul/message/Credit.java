package io.consoul.message;

import io.vertx.core.json.JsonObject;

/**
 * Listener to provider: everything before {@code upTo} has gone out, send on. Says at the same time that the listener
 * lives: one that is silent for 5 s counts as gone, so it is repeated every 1.5 s.
 *
 * @param asides how many asides have gone out; {@link #ALL} from a listener that does not hold them up
 */
public record Credit(TurnId turn, long fence, String inbox, long listenerId, int upTo, int asides)
    implements BusMessage {

  public static final int ALL = Integer.MAX_VALUE;

  public Credit(TurnId turn, long fence, String inbox, long listenerId, int upTo) {
    this(turn, fence, inbox, listenerId, upTo, ALL);
  }

  public Credit(TurnId turn, long fence, String inbox, int upTo) {
    this(turn, fence, inbox, Listener.ONLY, upTo);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_CREDIT;
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = new JsonObject()
        .put("turn", turn.value())
        .put("fence", fence)
        .put("inbox", inbox)
        .put("up_to", upTo);
    return Listener.number(asides == ALL ? json : json.put("asides", asides), listenerId);
  }

  static Credit fromJson(JsonObject json) {
    return new Credit(
        TurnId.parse(json.getString("turn")),
        json.getLong("fence"),
        json.getString("inbox"),
        Listener.number(json),
        json.getInteger("up_to"),
        json.getInteger("asides", ALL));
  }
}
