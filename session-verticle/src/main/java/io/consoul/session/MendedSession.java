package io.consoul.session;

import io.consoul.message.Owner;
import io.vertx.redis.client.Response;

/**
 * A session after a collection has mended its keys. Times in milliseconds of Redis's clock.
 *
 * @param owner in whose list it is, or null for the tenant's
 * @param strays keys that were mended or dropped
 * @param now 0 where there is no such session, as are all after it
 * @param leaseEnd 0 where no turn is in progress
 */
record MendedSession(
    SessionName name,
    Owner owner,
    int strays,
    long now,
    long expires,
    long created,
    long updated,
    boolean kept,
    long leaseEnd) {

  /** The index comes a moment after the session. */
  private static final long LATE_MILLIS = 2_000;

  /** @param response of {@link SessionScript#SWEEP_SESSION} */
  static MendedSession of(SessionName name, Response response) {
    int strays = response.get(1).toInteger();
    return response.size() == 2
        ? new MendedSession(name, null, strays, 0, 0, 0, 0, false, 0)
        : new MendedSession(
            name,
            RedisHead.owner(response.get(8)),
            strays,
            response.get(2).toLong(),
            response.get(3).toLong(),
            response.get(4).toLong(),
            response.get(5).toLong(),
            response.get(6).toInteger() == 1,
            response.get(7).toLong());
  }

  boolean isRunning() {
    return leaseEnd > now;
  }

  /** Whether its turn has lost its provider. */
  boolean isLapsed() {
    return leaseEnd != 0 && leaseEnd <= now;
  }

  /** Whether it must be in the index by now. */
  boolean isToBeListed() {
    return kept && updated < now - LATE_MILLIS;
  }

  SweepEntries.Entry inRunning() {
    return new SweepEntries.Entry(RedisKeys.member(name), leaseEnd);
  }

  ListedSession listed() {
    return ListedSession.of(name, owner);
  }

  SweepEntries.Entry inIndex() {
    return new SweepEntries.Entry(RedisKeys.listed(listed()), expires);
  }

  SweepEntries.Entry inList() {
    return new SweepEntries.Entry(name.session().value(), -created);
  }
}
