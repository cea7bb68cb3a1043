package io.consoul.redis;

/** Redis cannot be used, for a reason that was found here and not by the client or the server. Without a stack trace. */
final class RedisTroubleException extends RuntimeException {

  private final transient RedisTrouble trouble;

  RedisTroubleException(RedisTrouble trouble) {
    super(trouble.text(), null, false, false);
    this.trouble = trouble;
  }

  RedisTrouble trouble() {
    return trouble;
  }
}
