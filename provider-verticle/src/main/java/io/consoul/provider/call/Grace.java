package io.consoul.provider.call;

import java.time.Duration;

/**
 * How long may still be waited for what little depends on.
 *
 * @param error for the body of an error
 * @param end from the last event of an answer to its end, so that its connection can be used again
 * @param pong for the answer of a connection that is asked whether it is still alive
 */
record Grace(Duration error, Duration end, Duration pong) {

  static final Grace USUAL =
      new Grace(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(5));
}
