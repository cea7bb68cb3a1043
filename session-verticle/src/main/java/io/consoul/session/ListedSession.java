package io.consoul.session;

import io.consoul.message.Owner;
import io.consoul.message.SessionId;

/** A session, and the list that it is in. */
record ListedSession(ListName list, SessionId session) {

  /** @param owner whose list it is in, or null for the tenant's */
  static ListedSession of(SessionName name, Owner owner) {
    return new ListedSession(new ListName(name.tenant(), owner), name.session());
  }

  SessionName name() {
    return new SessionName(list.tenant(), session);
  }
}
