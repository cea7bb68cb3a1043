package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.SessionRequest;
import io.consoul.message.Tenant;
import io.consoul.message.TurnId;

/** A turn of a tenant. The id alone is what a caller says: it must not lead to a turn of somebody else. */
record TurnKey(Tenant tenant, TurnId turn) {

  static TurnKey of(BeginTurn begin) {
    return new TurnKey(begin.tenant(), begin.turn());
  }

  String session() {
    return SessionRequest.sessionKey(tenant, turn.session());
  }
}
