package io.consoul.launcher.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.consoul.trace.RequestContext;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Lines on their way to where they are written, which another thread does: an event loop never waits for a terminal or a pipe that
 * nobody reads. Each takes the ids of its request along, which only the thread that logs it knows. Where the queue gets full, the
 * last fifth of it is kept for warnings and errors; how much was dropped is told when there is room again.
 */
public final class LogQueue extends AsyncAppender {

  private static final int LINES = 8_192;
  private static final int KEPT_FOR_WARNINGS = LINES / 5;

  /** Milliseconds that the end of the process waits for what is in it. */
  private static final int FLUSH = 2_000;

  /** By all that there have been in this process: a change of the layout makes a new one. */
  private static final LongAdder DROPPED = new LongAdder();

  /** What was not told of yet. */
  private final AtomicLong dropped = new AtomicLong();

  public LogQueue() {
    setQueueSize(LINES);
    setDiscardingThreshold(0); // what is dropped is decided and counted here
    setNeverBlock(true);
    setMaxFlushTime(FLUSH);
  }

  /** How many lines this process has dropped. */
  public static long droppedInAll() {
    return DROPPED.sum();
  }

  @Override
  protected void append(ILoggingEvent line) {
    int room = getRemainingCapacity();
    if (room == 0 || room < KEPT_FOR_WARNINGS && isDiscardable(line)) {
      dropped.incrementAndGet();
      DROPPED.increment();
      return;
    }
    super.append(line);
    if (room > LINES / 2 && dropped.get() > 0) {
      tellDropped();
    }
  }

  @Override
  protected void preprocess(ILoggingEvent line) {
    if (line instanceof LoggingEvent event) {
      RequestFields.add(event);
    }
    super.preprocess(line);
  }

  @Override
  public void stop() {
    if (isStarted() && dropped.get() > 0) {
      tellDropped();
    }
    super.stop();
  }

  private void tellDropped() {
    long lines = dropped.getAndSet(0);
    if (lines == 0) {
      return; // another thread was first
    }
    Logger teller = ((LoggerContext) getContext()).getLogger(LogQueue.class);
    LoggingEvent word = new LoggingEvent(
        LogQueue.class.getName(),
        teller,
        Level.WARN,
        "lines of the log were dropped, for they were not taken as fast as they came: {}",
        null,
        new Object[] {lines});
    RequestContext.NONE.run(
        () -> super.append(word)); // not of the request whose line came first again
  }
}
