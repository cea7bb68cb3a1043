package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/**
 * Listener to session: I want this turn from {@code after} on. While it runs the reply is {@link Accepted}, and its
 * provider streams to the listener: first what comes after the offset, then what it says next. While it waits it is
 * {@link Queued}. When it has ended the reply is {@link Replayed}, piece by piece: ask again with the end of the last one.
 *
 * @param after offset in the answer, in UTF-16 code units; one beyond what there is counts as its end
 * @param cuts how many of the answer's cuts the listener has seen; of what it has it keeps only what holds after the others
 * @param heard the end of what it has, for a turn whose provider it believes to be gone; else null
 */
public record AttachTurn(
    TurnId turn, Tenant tenant, int after, int cuts, Heard heard, Listener listener)
    implements SessionRequest {

  /** A listener that has seen no cut, and knows of no trouble. */
  public AttachTurn(TurnId turn, Tenant tenant, int after, Listener listener) {
    this(turn, tenant, after, 0, null, listener);
  }

  public AttachTurn {
    requireNonNull(turn, "turn");
    requireNonNull(tenant, "tenant");
    if (after < 0) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("after", "must not be negative");
    }
    if (cuts < 0) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("cuts", "must not be negative");
    }
    if (heard != null && heard.text().length() > Heard.MOST) {
      throw Fault.FIELD_VALIDATION_FAILED.inField(
          "heard.text", "must not be longer than " + Heard.MOST + " characters");
    }
    if (listener == null) {
      throw Fault.MISSING_REQUIRED_FIELD.inField("listener", "is required");
    }
  }

  @Override
  public SessionId session() {
    return turn.session();
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_ATTACH;
  }

  @Override
  public JsonObject toJson() {
    JsonObject json = new JsonObject()
        .put("turn", turn.value())
        .put("tenant", tenant.name())
        .put("after", after)
        .put("cuts", cuts)
        .put("listener", listener.toJson());
    return heard == null ? json : json.put("heard", heard.toJson());
  }

  static AttachTurn fromJson(JsonObject json) {
    JsonObject listener = json.getJsonObject("listener");
    return new AttachTurn(
        TurnId.required(json),
        Tenant.of(json),
        json.getInteger("after", 0),
        json.getInteger("cuts", 0),
        Heard.fromJson(json.getJsonObject("heard")),
        listener == null ? null : Listener.fromJson(listener));
  }
}
