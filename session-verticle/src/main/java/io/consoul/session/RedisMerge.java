package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.AbortTurn;
import io.consoul.message.DeleteSession;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Merges into Redis. Confined to one event loop. */
final class RedisMerge implements MergeTarget {

  /** Of the script, that are about a turn. */
  private static final int TURN_ARGUMENTS = 14;

  private final SessionConfig config;
  private final RedisSteps steps;
  private final RedisIndex index;
  private final SessionStore store;
  private final SessionCatalog catalog;
  private final RandomGenerator random;

  /** @param store and catalog of the sessions in Redis */
  RedisMerge(
      SessionConfig config,
      RedisSteps steps,
      RedisIndex index,
      SessionStore store,
      SessionCatalog catalog,
      RandomGenerator random) {
    this.config = config;
    this.steps = steps;
    this.index = index;
    this.store = store;
    this.catalog = catalog;
    this.random = random;
  }

  @Override
  public Future<Outcome> offer(AcknowledgedTurn turn, Terms terms) {
    SealedTurn sealed = turn.sealed();
    Usage usage = turn.answer().usage();
    List<Object> arguments = new ArrayList<>(List.of(
        turn.id(),
        turn.user().encoded(),
        turn.answer().encoded(),
        sealed.encoded(),
        sealed.fence(),
        sealed.token() == null ? "" : "1",
        turn.use() == null ? "" : turn.use().hash(),
        turn.use() == null ? "" : turn.use().fingerprint(),
        turn.user().tokens() + turn.answer().tokens(),
        usage.inputTokens(),
        usage.outputTokens(),
        usage.estimatedCost(),
        usage.estimated() ? "1" : "",
        sealed.timestamp().toEpochMilli()));
    return run(arguments, turn.origin(), turn.created(), terms);
  }

  @Override
  public Future<Outcome> make(MemorySession.Origin origin, Instant created, Terms terms) {
    List<Object> arguments = new ArrayList<>(Collections.nCopies(TURN_ARGUMENTS - 1, ""));
    arguments.add(created.toEpochMilli());
    return run(arguments, origin, created, terms);
  }

  @Override
  public Future<Void> abort(AbortTurn turn) {
    return store
        .abort(turn)
        .<Void>mapEmpty()
        .recover(failure -> failure instanceof FaultException known
                && (known.fault() == Fault.SESSION_NOT_FOUND
                    || known.fault() == Fault.SESSION_LOCKED)
            ? Future.succeededFuture()
            : Future.failedFuture(failure));
  }

  @Override
  public Future<Void> delete(String sessionKey) {
    int colon = sessionKey.indexOf(':');
    DeleteSession delete = new DeleteSession(
        new SessionId(sessionKey.substring(colon + 1)), new Tenant(sessionKey.substring(0, colon)));
    return catalog
        .delete(delete)
        .<Void>mapEmpty()
        .recover(failure ->
            failure instanceof FaultException known && known.fault() == Fault.SESSION_NOT_FOUND
                ? Future.succeededFuture()
                : Future.failedFuture(failure));
  }

  private Future<Outcome> run(
      List<Object> arguments, MemorySession.Origin origin, Instant created, Terms terms) {
    JsonObject metadata = new JsonObject();
    origin.metadata().forEach(metadata::put);
    arguments.addAll(List.of(
        config.ttl().toMillis(),
        terms.make() ? "1" : "",
        terms.remade() ? "1" : "",
        created.toEpochMilli(),
        origin.model() == null ? "" : origin.model(),
        origin.settings().toJson().encode(),
        metadata.encode(),
        origin.promptTokens(),
        Leases.token(random),
        terms.after() == null ? "" : terms.after(),
        origin.owner() == null ? "" : origin.owner()));
    SessionName name = new SessionName(origin.tenant(), origin.session());
    return steps
        .run(SessionScript.MERGE, name, arguments.toArray())
        .map(reply -> outcome(reply, name));
  }

  private Outcome outcome(Response reply, SessionName name) {
    Outcome outcome = Outcome.valueOf(reply.get(0).toString().toUpperCase(Locale.ROOT));
    if (outcome != Outcome.MISSING && outcome != Outcome.DROPPED) {
      if (reply.get(3).toInteger() == 1) {
        index.idle(name.tenant(), name.session());
      }
      index.stored(
          ListedSession.of(name, RedisHead.owner(reply.get(4))),
          reply.get(1).toLong(),
          reply.get(2).toLong());
    }
    return outcome;
  }
}
