package io.consoul.session;

import io.consoul.message.SessionId;
import io.consoul.message.SessionRequest;
import io.consoul.message.Tenant;

/** A session of a tenant. */
record SessionName(Tenant tenant, SessionId session) {

  static SessionName of(SessionRequest request) {
    return new SessionName(request.tenant(), request.session());
  }

  static SessionName of(TurnKey turn) {
    return new SessionName(turn.tenant(), turn.turn().session());
  }

  /** As {@link SessionRequest#sessionKey()} gives it. */
  String key() {
    return SessionRequest.sessionKey(tenant, session);
  }
}
