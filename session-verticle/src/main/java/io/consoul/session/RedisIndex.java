package io.consoul.session;

import io.consoul.message.SessionId;
import io.consoul.message.Tenant;

/**
 * Which sessions there are in Redis, when they expire and which have a turn in progress. Written aside, in bunches, for it
 * lives in other slots than the sessions: what is lost of it the sweep mends. Confined to one event loop.
 */
final class RedisIndex {

  /** The session is kept from now on, or for longer. Times in milliseconds of Redis's clock. */
  void stored(Tenant tenant, SessionId session, long created, long expires) {}

  /** A turn of it is in progress, and its lease ends then. One that ends within moments is not written at all. */
  void running(Tenant tenant, SessionId session, long leaseEnd) {}

  /** No turn of it is in progress. */
  void idle(Tenant tenant, SessionId session) {}

  /** There is no such session any more. */
  void gone(Tenant tenant, SessionId session) {}
}
