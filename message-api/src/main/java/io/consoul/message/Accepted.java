package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.vertx.core.json.JsonObject;

/**
 * Session to listener: this provider inbox has the turn and streams it to the listener. It may be another turn than the one
 * that was asked for: the one that runs under the same idempotency key.
 *
 * @param historyUnavailable whether the model sees this message alone, though the session may have had others: the store is
 *     away, and what was said before is not at hand
 * @param cuts of the answer up to this attempt
 */
public record Accepted(
    TurnId turn,
    long listenerId,
    long fence,
    String providerInbox,
    boolean historyUnavailable,
    Cuts cuts)
    implements StreamMessage {

  public Accepted {
    requireNonNull(turn, "turn");
    requireNonNull(providerInbox, "providerInbox");
    requireNonNull(cuts, "cuts");
  }

  public Accepted(TurnId turn, long fence, String providerInbox) {
    this(turn, fence, providerInbox, false);
  }

  public Accepted(TurnId turn, long fence, String providerInbox, boolean historyUnavailable) {
    this(turn, Listener.ONLY, fence, providerInbox, historyUnavailable, Cuts.NONE);
  }

  /** Of an answer that has been cut. */
  public Accepted(TurnId turn, long fence, String providerInbox, Cuts cuts) {
    this(turn, Listener.ONLY, fence, providerInbox, false, cuts);
  }

  @Override
  public Accepted to(long listener) {
    return listener == listenerId
        ? this
        : new Accepted(turn, listener, fence, providerInbox, historyUnavailable, cuts);
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_ACCEPTED;
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = Listener.number(
        new JsonObject()
            .put("turn", turn.value())
            .put("fence", fence)
            .put("provider_inbox", providerInbox),
        listenerId);
    if (historyUnavailable) {
      json.put("history_unavailable", true);
    }
    return cuts.isEmpty() ? json : json.put("cuts", cuts.toJson());
  }

  static Accepted fromJson(JsonObject json) {
    return new Accepted(
        TurnId.parse(json.getString("turn")),
        Listener.number(json),
        json.getLong("fence"),
        json.getString("provider_inbox"),
        json.getBoolean("history_unavailable", false),
        Cuts.fromJson(json.getJsonArray("cuts")));
  }
}
