package io.consoul.redis;

/**
 * What a Redis is used for: what people are told about it, and which keys its watch may write.
 *
 * @param name in metrics, as in "session"
 * @param purpose follows "Cannot", as in "keep sessions"
 * @param store what callers know, as in "the store of the sessions"
 * @param urlVariable that says where it is
 * @param keyPrefix of all keys of this use, without braces; ends in a colon
 */
public record RedisUse(
    String name, String purpose, String store, String urlVariable, String keyPrefix) {

  /** String: made once, at the first start; another or none tells that the server is not the one it was. */
  String epochKey() {
    return keyPrefix + "epoch";
  }

  /**
   * String: what probes write.
   *
   * @param number so that every server of a cluster has one
   */
  String probeKey(int number) {
    return keyPrefix + "probe:" + number;
  }

  /** What is told to people who start a node while Redis cannot be used. */
  String advice(String addresses, RedisTrouble trouble) {
    return "Cannot " + purpose + ": Redis at " + addresses + " " + trouble.text() + ". To go on, "
        + trouble.advice() + ", or set " + urlVariable + " right"
        + (trouble == RedisTrouble.TOO_OLD
            ? "."
            : ", or set CONSOUL_REDIS_FALLBACK_ENABLED=true to start without it.");
  }
}
