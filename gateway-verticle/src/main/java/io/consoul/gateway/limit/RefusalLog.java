package io.consoul.gateway.limit;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that Redis refuses to count: at once, and then once a minute while it goes on, however many charges that are. Shared by
 * all event loops of a node.
 */
final class RefusalLog {

  private static final Logger log = LoggerFactory.getLogger(RefusalLog.class);

  private static final long QUIET_MILLIS = 60_000;

  private final AtomicLong quietUntil = new AtomicLong();

  /** @param code the first word of what Redis said: the rest may quote what it was given */
  void refused(String code, InstantSource clock) {
    long now = clock.millis();
    long until = quietUntil.get();
    if ((now >= until || until - now > QUIET_MILLIS)
        && quietUntil.compareAndSet(until, now + QUIET_MILLIS)) {
      log.error(
          "Redis refuses to count for the rate limits: error={}; said once a minute while it goes on",
          code);
    }
  }
}
