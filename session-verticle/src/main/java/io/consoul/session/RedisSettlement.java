package io.consoul.session;

import static io.consoul.session.RedisSteps.says;

import io.consoul.fault.Fault;
import io.consoul.message.ChatMessage;
import io.consoul.message.Cuts;
import io.consoul.message.Failed;
import io.consoul.message.FinishReason;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.Usage;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends turns in Redis whose provider cannot: it is gone, or the turn was taken away from it. What the answer is made of is
 * read in one step and stored in another, which does nothing if the turn went on in between. Confined to one event loop.
 */
final class RedisSettlement implements LapsedTurns {

  private static final Logger log = LoggerFactory.getLogger(RedisSettlement.class);

  /** Each time somebody else was faster. */
  private static final int TRIES = 5;

  private final SessionConfig config;
  private final InstantSource clock;
  private final RedisSteps steps;
  private final SessionCopies copies;
  private final RedisTidings tidings;

  RedisSettlement(
      SessionConfig config,
      InstantSource clock,
      RedisSteps steps,
      SessionCopies copies,
      RedisTidings tidings) {
    this.config = config;
    this.clock = clock;
    this.steps = steps;
    this.copies = copies;
    this.tidings = tidings;
  }

  /** The reply of a step in a session that has no turn in it whose provider is gone: it is settled first. */
  Future<Response> settled(SessionName name, Supplier<Future<Response>> step) {
    return settled(name, step, TRIES);
  }

  @Override
  public Future<Boolean> settle(Tenant tenant, SessionId session) {
    SessionName name = new SessionName(tenant, session);
    return steps
        .run(SessionScript.PENDING, name, "", "1")
        .compose(found -> says(found, "lapsed")
            ? orphan(name, Unfinished.of(found))
            : Future.succeededFuture(false));
  }

  /** What its client wants to keep of a turn is what was said. */
  Future<Boolean> cancel(TurnKey turn) {
    return cancel(turn, TRIES);
  }

  private Future<Response> settled(SessionName name, Supplier<Future<Response>> step, int tries) {
    return step.get().compose(reply -> {
      if (!says(reply, "lapsed")) {
        return Future.succeededFuture(reply);
      }
      return tries == 0
          ? Future.failedFuture(busy())
          : orphan(name, Unfinished.of(reply)).compose(settled -> settled(name, step, tries - 1));
    });
  }

  private Future<Boolean> cancel(TurnKey turn, int tries) {
    SessionName name = SessionName.of(turn);
    return steps.run(SessionScript.PENDING, name, turn.turn(), "").compose(found -> {
      if (!says(found, "lapsed")) {
        return Future.succeededFuture(false);
      }
      return tries == 0
          ? Future.failedFuture(busy())
          : end(name, Unfinished.of(found), FinishReason.CANCELLED, null)
              .compose(ended -> ended ? Future.succeededFuture(true) : cancel(turn, tries - 1));
    });
  }

  private Future<Boolean> orphan(SessionName name, Unfinished turn) {
    return end(name, turn, FinishReason.INTERRUPTED, Settlement.PROVIDER_LOST).onSuccess(ended -> {
      if (ended) {
        log.warn(
            "a turn's provider is gone: turn={} kept_as_interrupted={}",
            turn.turn(),
            !turn.said().isEmpty());
      }
    });
  }

  /** @return whether the turn was still as it was found */
  private Future<Boolean> end(
      SessionName name, Unfinished turn, FinishReason reason, Failed failure) {
    Instant now = clock.instant();
    String said = turn.said();
    int tokens = said.isEmpty() ? 0 : MessageTokens.estimate(said);
    Usage usage = new Usage(turn.promptTokens(config.maxHistoryTokens()), tokens, 0, true);
    StoredMessage answer = new StoredMessage(
        ChatMessage.assistant(said), turn.turn(), now, tokens, turn.model(), usage, reason);
    return steps
        .run(
            SessionScript.SETTLE,
            name,
            turn.turn(),
            turn.token(),
            reason == FinishReason.INTERRUPTED ? "1" : "",
            turn.pieces(),
            said.isEmpty() ? "" : answer.encoded(),
            tokens,
            new SealedTurn(0, 0, said.length(), null, 0, Cuts.NONE, now, 0, failure, null).about(),
            now.toEpochMilli(),
            usage.inputTokens(),
            usage.outputTokens(),
            config.ttl().toMillis())
        .map(reply -> ended(name, new TurnKey(name.tenant(), turn.turn()), turn.token(), reply));
  }

  private boolean ended(SessionName name, TurnKey turn, String token, Response reply) {
    if (says(reply, "changed")) {
      return false;
    }
    copies.ended(turn, token);
    if (reply.get(1).toInteger() == 1) {
      tidings.dropped(name, reply.get(5).toString());
    } else {
      tidings.stored(name, reply, 2);
    }
    return true;
  }

  private static Throwable busy() {
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        1, "the turn in progress changes while it is being ended; try again in a moment");
  }
}
