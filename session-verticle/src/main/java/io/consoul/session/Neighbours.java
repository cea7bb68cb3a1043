package io.consoul.session;

import io.consoul.message.SessionRequest;

/** The other session instances that work on the same store. */
@FunctionalInterface
interface Neighbours {

  /** Tells one of them, if it is still there; whether it hears is not known. */
  void tell(String inbox, SessionRequest message);
}
