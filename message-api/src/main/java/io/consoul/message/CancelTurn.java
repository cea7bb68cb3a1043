package io.consoul.message;

import static java.util.Objects.requireNonNull;

import io.consoul.fault.Fault;
import io.vertx.core.json.JsonObject;

/**
 * To session: stop a turn and keep what was said. The reply is {@link Cancelled}.
 *
 * @param turn the one that is meant, running or waiting; null for the one in progress
 */
public record CancelTurn(SessionId session, Tenant tenant, TurnId turn) implements SessionRequest {

  public CancelTurn {
    requireNonNull(session, "session");
    requireNonNull(tenant, "tenant");
    if (turn != null && !turn.session().equals(session)) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("turn_id", "does not belong to this session");
    }
  }

  @Override
  public WireType wireType() {
    return WireType.TURN_CANCEL;
  }

  @Override
  public JsonObject toJson() {
    return new JsonObject()
        .put("session", session.value())
        .put("tenant", tenant.name())
        .put("turn", turn == null ? null : turn.value());
  }

  /** A caller that names the turn may leave {@code session} out. */
  static CancelTurn fromJson(JsonObject json) {
    String named = json.getString("turn");
    TurnId turn = named == null ? null : TurnId.parse(named);
    return new CancelTurn(
        turn != null && json.getString("session") == null ? turn.session() : SessionId.of(json),
        Tenant.of(json),
        turn);
  }
}
