package io.consoul.redis;

import io.consoul.fault.FaultException;
import io.vertx.core.Future;

/** Whether Redis is there, and the news of it. May be asked on any thread. */
public interface RedisHealth {

  /**
   * Redis is there again, or another one is there now.
   *
   * @param sameServer it has run all the time, so that nothing that it acknowledged is lost
   * @param sameData it still has the data that it had; else it has come back empty, or is another one altogether
   */
  record Came(boolean sameServer, boolean sameData) {}

  /** Wants to know when Redis goes and comes. */
  interface Listener {

    /** Redis is not used from now on. */
    void wentDown();

    /** It is used again; also called without {@link #wentDown} before, when it was replaced too quickly for that. */
    void cameBack(Came came);
  }

  /** Whether it is known not to work, or not to work for long enough: then nothing is sent to it. */
  boolean isDown();

  /** Whether something failed and it is being tried out just now. */
  boolean isSuspect();

  /**
   * Tries Redis out now. Completes on the context that calls, when listeners there have been told what came of it; fails with E110
   * when Redis does not work.
   */
  Future<Void> check();

  /** What a caller is told while it does not work: E110. */
  FaultException unavailable();

  /**
   * Adds a listener for the context that calls.
   *
   * @return removes it
   */
  Runnable listen(Listener listener);
}
