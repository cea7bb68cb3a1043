package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the scripts that change one session; each gets all of its keys. Confined to one event loop.
 *
 * <p>Failures: E110 where Redis cannot be reached or refuses a script; E100, E102, E003 and E900 as the scripts say.
 */
final class RedisSteps {

  private static final Logger log = LoggerFactory.getLogger(RedisSteps.class);

  private final RedisLink redis;
  private final RedisKeys keys;

  RedisSteps(RedisLink redis, RedisKeys keys) {
    this.redis = redis;
    this.keys = keys;
  }

  /** @param arguments their texts are what the script gets; null is an empty one */
  Future<Response> run(SessionScript script, SessionName session, Object... arguments) {
    List<String> texts =
        Stream.of(arguments).map(each -> each == null ? "" : each.toString()).toList();
    return redis
        .run(script, all(keys.of(session.key())), texts)
        .recover(failure -> Future.failedFuture(refused(script, failure)))
        .compose(RedisSteps::checked);
  }

  /** What a reply says in its first word. */
  static boolean says(Response reply, String word) {
    return reply.get(0).toString().equals(word);
  }

  /** In the order that session.lua tells. */
  private static List<String> all(RedisKeys.OfSession session) {
    return List.of(
        session.head(),
        session.messages(),
        session.lease(),
        session.journal(),
        session.turns(),
        session.keys(),
        session.keyOrder(),
        session.grave(),
        session.waiters());
  }

  private static Future<Response> checked(Response reply) {
    return switch (reply.get(0).toString()) {
      case "buried" ->
        Future.failedFuture(
            Fault.SESSION_NOT_FOUND.because("the session of this turn was deleted"));
      case "gone" ->
        Future.failedFuture(Fault.SESSION_NOT_FOUND.because("the session of this turn is gone"));
      case "lost" ->
        Future.failedFuture(
            Fault.SESSION_LOCKED.because("the turn's lease has lapsed or is another's"));
      case "gap" ->
        Future.failedFuture(Fault.INTERNAL_ERROR.because("the journal would get a gap"));
      case "otherwise" -> Future.failedFuture(IdempotencyKeys.usedOtherwise());
      default -> Future.succeededFuture(reply);
    };
  }

  /** Out of memory, loading, read-only: whatever it is, the sessions are out of reach. */
  private static Throwable refused(SessionScript script, Throwable failure) {
    if (failure instanceof FaultException) {
      return failure;
    }
    log.error("Redis refused a script: script={} error={}", script, code(failure));
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        1, "the store of the sessions refused a step; try again in a moment");
  }

  /** The first word of what Redis says: the rest may quote what it was given. */
  private static String code(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return message.split("\\s", 2)[0];
  }
}
