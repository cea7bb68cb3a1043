package io.consoul.session;

import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.vertx.core.Future;

/** Ends turns in Redis whose provider is gone. */
interface LapsedTurns {

  /**
   * Ends the pending turn of the session if its lease has lapsed.
   *
   * @return whether it has
   */
  Future<Boolean> settle(Tenant tenant, SessionId session);
}
