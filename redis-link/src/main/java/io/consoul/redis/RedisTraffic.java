package io.consoul.redis;

import java.util.concurrent.atomic.LongAdder;

/** What all instances of a JVM with the same use for a Redis have open to it and under way. Read on any thread. */
final class RedisTraffic {

  private final LongAdder open = new LongAdder();
  private final LongAdder busy = new LongAdder();
  private final LongAdder commands = new LongAdder();

  /** A connection was opened. */
  void opened() {
    open.increment();
  }

  void closed() {
    open.decrement();
  }

  /** A connection without a command has got one. */
  void taken() {
    busy.increment();
  }

  /** A connection has no command any more. */
  void free() {
    busy.decrement();
  }

  void begun() {
    commands.increment();
  }

  void done() {
    commands.decrement();
  }

  /** Connections with a command that waits for its answer. */
  long inUse() {
    return busy.sum();
  }

  /** Connections without one. */
  long idle() {
    return Math.max(0, open.sum() - busy.sum());
  }

  /** Commands without an answer, sent or not. */
  long waiting() {
    return commands.sum();
  }
}
