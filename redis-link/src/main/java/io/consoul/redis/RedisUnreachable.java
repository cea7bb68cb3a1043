package io.consoul.redis;

/** A verticle cannot start, for Redis cannot be used; the message is one line that says what to do. */
public final class RedisUnreachable extends RuntimeException {

  RedisUnreachable(String message) {
    super(message, null, false, false);
  }
}
