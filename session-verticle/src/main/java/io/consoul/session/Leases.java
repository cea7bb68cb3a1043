package io.consoul.session;

import java.time.InstantSource;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** Makes the leases of one memory store. One counter for all its sessions, so that also a forgotten one never goes back. */
final class Leases {

  static final int TOKEN_BYTES = 18;

  private final InstantSource clock;
  private final RandomGenerator random;
  private long lastFence;

  Leases(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  SessionStore.Lease next() {
    return new SessionStore.Lease(nextFence(), token(random));
  }

  /** What nobody can guess. */
  static String token(RandomGenerator random) {
    byte[] token = new byte[TOKEN_BYTES];
    random.nextBytes(token);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }

  /** All that come are higher than this one. */
  void exceed(long fence) {
    lastFence = Math.max(lastFence, fence);
  }

  /** The highest that was given so far. */
  long lastFence() {
    return lastFence;
  }

  /** For an end of a turn that nobody holds. */
  long nextFence() {
    lastFence = Math.max(clock.millis(), lastFence + 1);
    return lastFence;
  }
}
