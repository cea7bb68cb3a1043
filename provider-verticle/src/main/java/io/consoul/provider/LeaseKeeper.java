package io.consoul.provider;

import io.consoul.message.Renewed;
import io.vertx.core.AsyncResult;
import java.util.function.Consumer;

/**
 * Reports a turn's text to the session and renews the lease with it: at the first delta, then at least every half second
 * or 2 KiB of new text, and every 1.5 s of silence. One report is on its way at most.
 */
final class LeaseKeeper {

  private static final int NEW_TEXT = 2_048;

  private final SessionLink link;
  private final ProviderConfig.Pace pace;
  private final Consumer<Throwable> onLost;
  private int journalled;
  private int reported;
  private long lastReport;
  private boolean underway;
  private boolean closed;

  /**
   * @param onLost called once, with the session's reason
   * @param journalled how much of the text the session has from the beginning
   */
  LeaseKeeper(
      SessionLink link,
      ProviderConfig.Pace pace,
      Consumer<Throwable> onLost,
      int journalled,
      long now) {
    this.journalled = journalled;
    this.reported = journalled;
    this.link = link;
    this.pace = pace;
    this.onLost = onLost;
    this.lastReport = now;
  }

  /** Reports if it is time to. */
  void look(Outbox outbox, long now) {
    if (closed || underway || !isDue(outbox.length(), now)) {
      return;
    }
    int end = outbox.length();
    underway = true;
    reported = end;
    lastReport = now;
    link.progress(journalled, outbox.textFrom(journalled))
        .onComplete(renewed -> answered(renewed, end));
  }

  /** How much of the text the session has, at least. */
  int journalled() {
    return journalled;
  }

  /** The seal decides now; answers that are still on their way mean nothing any more. */
  void close() {
    closed = true;
  }

  private boolean isDue(int length, long now) {
    long silence = now - lastReport;
    return length > 0 && reported == 0
        || length - reported >= NEW_TEXT
        || length > journalled && silence >= pace.progress().toMillis()
        || silence >= pace.alive().toMillis();
  }

  private void answered(AsyncResult<Renewed> renewed, int end) {
    underway = false;
    if (renewed.succeeded()) {
      journalled = end;
    } else if (!closed && SessionLink.isLost(renewed.cause())) {
      closed = true;
      onLost.accept(renewed.cause());
    } else if (SessionLink.isGap(renewed.cause())) {
      journalled = 0; // it has lost what it had taken: all of it again, or the lease would lapse
    }
    // Anything else is a store that stalls: go on, the seal decides.
  }
}
