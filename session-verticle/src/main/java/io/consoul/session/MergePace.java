package io.consoul.session;

import java.time.Duration;

/**
 * How fast Redis is offered what it does not have: it has just come back, and the turns of the users come first.
 *
 * @param perSecond turns, over all instances of a node
 * @param maxDelay before the first one; how long it really is is random, so that the nodes do not all begin at once
 */
record MergePace(int perSecond, Duration maxDelay) {

  static final MergePace NORMAL = new MergePace(200, Duration.ofSeconds(2));

  /** Between two turns of an instance. */
  long pauseMillis(SessionConfig config) {
    return Math.max(1, 1_000L / config.share(perSecond));
  }
}
