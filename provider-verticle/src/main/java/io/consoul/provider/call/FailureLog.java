package io.consoul.provider.call;

import io.consoul.provider.UpstreamFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of a provider whose calls fail: of the first one at once, and while they go on failing now and then, with their number,
 * for a provider that is down under load would fill the log. Each one is there at DEBUG, and so is what its caller is to blame for. May be used on any thread.
 */
final class FailureLog {

  static final Duration PAUSE = Duration.ofSeconds(60);

  private static final Logger log = LoggerFactory.getLogger(FailureLog.class);

  private final String provider;

  // Guarded by this.
  private Instant lastWarning;
  private long untold;

  FailureLog(String provider) {
    this.provider = provider;
  }

  void failed(UpstreamFailure failure, InstantSource clock) {
    boolean callersFault = switch (failure.cause()) {
      case TOO_LONG, FILTERED, REFUSED -> true;
      default -> false;
    };
    long more = callersFault ? -1 : due(clock.instant());
    if (more < 0) {
      log.debug("provider {} failed: {}", provider, failure);
    } else if (more == 0) {
      log.warn(
          "provider {} failed: {} (more within {} s are told at DEBUG)",
          provider,
          failure,
          PAUSE.toSeconds());
    } else {
      log.warn(
          "provider {} failed: {}, and {} times since it was last told", provider, failure, more);
    }
  }

  /** How many were not told since the last warning, where it is time for another; else less than 0. */
  private synchronized long due(Instant now) {
    // A clock that was put back shall not silence it.
    boolean soon =
        lastWarning != null && !now.isBefore(lastWarning) && now.isBefore(lastWarning.plus(PAUSE));
    if (soon) {
      untold++;
      return -1;
    }
    lastWarning = now;
    long more = untold;
    untold = 0;
    return more;
  }
}
