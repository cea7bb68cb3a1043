package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.DeleteSession;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Merges into Redis. Confined to one event loop. */
final class RedisMerge implements MergeTarget {

  private static final int TOKEN_BYTES = 18;
  private static final int TURN_ARGUMENTS = 14;

  private final SessionConfig config;
  private final RedisLink redis;
  private final RedisKeys keys;
  private final RedisIndex index;
  private final SessionCatalog catalog;
  private final RandomGenerator random;

  /** @param catalog of the sessions in Redis */
  RedisMerge(
      SessionConfig config,
      RedisLink redis,
      RedisKeys keys,
      RedisIndex index,
      SessionCatalog catalog,
      RandomGenerator random) {
    this.config = config;
    this.redis = redis;
    this.keys = keys;
    this.index = index;
    this.catalog = catalog;
    this.random = random;
  }

  @Override
  public Future<Outcome> offer(AcknowledgedTurn turn, Terms terms) {
    SealedTurn sealed = turn.sealed();
    Usage usage = turn.answer().usage();
    List<String> arguments = new ArrayList<>(List.of(
        turn.id().value(),
        turn.user().encoded(),
        turn.answer().encoded(),
        sealed.encoded(),
        Long.toString(sealed.fence()),
        sealed.token() == null ? "" : "1",
        turn.use() == null ? "" : turn.use().hash(),
        turn.use() == null ? "" : turn.use().fingerprint(),
        Integer.toString(turn.user().tokens() + turn.answer().tokens()),
        Long.toString(usage.inputTokens()),
        Long.toString(usage.outputTokens()),
        Double.toString(usage.estimatedCost()),
        usage.estimated() ? "1" : "",
        Long.toString(sealed.timestamp().toEpochMilli())));
    return run(arguments, turn.origin(), turn.created(), terms);
  }

  @Override
  public Future<Outcome> make(MemorySession.Origin origin, Instant created, Terms terms) {
    List<String> arguments = new ArrayList<>(Collections.nCopies(TURN_ARGUMENTS, ""));
    arguments.set(TURN_ARGUMENTS - 1, Long.toString(created.toEpochMilli()));
    return run(arguments, origin, created, terms);
  }

  @Override
  public Future<Void> delete(String sessionKey) {
    int colon = sessionKey.indexOf(':');
    DeleteSession delete = new DeleteSession(
        new SessionId(sessionKey.substring(colon + 1)),
        new Tenant(sessionKey.substring(0, colon)));
    return catalog
        .delete(delete)
        .<Void>mapEmpty()
        .recover(failure -> failure instanceof FaultException known
                && known.fault() == Fault.SESSION_NOT_FOUND
            ? Future.succeededFuture()
            : Future.failedFuture(failure));
  }

  private Future<Outcome> run(
      List<String> arguments, MemorySession.Origin origin, Instant created, Terms terms) {
    JsonObject metadata = new JsonObject();
    origin.metadata().forEach(metadata::put);
    arguments.addAll(List.of(
        Long.toString(config.ttl().toMillis()),
        terms.make() ? "1" : "",
        terms.remade() ? "1" : "",
        Long.toString(created.toEpochMilli()),
        origin.model() == null ? "" : origin.model(),
        origin.settings().toJson().encode(),
        metadata.encode(),
        Integer.toString(origin.promptTokens()),
        token()));
    return redis
        .run(RedisScript.MERGE, keysOf(origin.sessionKey()), arguments)
        .map(reply -> outcome(reply, origin));
  }

  private Outcome outcome(Response reply, MemorySession.Origin origin) {
    Outcome outcome = Outcome.valueOf(reply.get(0).toString().toUpperCase(Locale.ROOT));
    if (outcome != Outcome.MISSING && outcome != Outcome.BURIED) {
      index.stored(
          origin.tenant(), origin.session(), reply.get(1).toLong(), reply.get(2).toLong());
      // TODO idle
    }
    return outcome;
  }

  private List<String> keysOf(String sessionKey) {
    RedisKeys.OfSession session = keys.of(sessionKey);
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

  private String token() {
    byte[] token = new byte[TOKEN_BYTES];
    random.nextBytes(token);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
  }
}
