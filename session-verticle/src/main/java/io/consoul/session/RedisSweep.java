package io.consoul.session;

import io.consoul.message.SessionChanged;
import io.consoul.message.Swept;
import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Collects garbage in Redis, step by step: ends turns whose provider is gone, forgets what has expired, mends what has
 * strayed. Of all instances of all nodes one at a time does so, the others have nothing to do; one that does not go on is
 * succeeded after a moment, and the next one starts from the beginning. Confined to one event loop.
 */
final class RedisSweep implements Sweeper {

  /** Longer than the longest pause between two steps and a step. */
  private static final Duration TERM = Duration.ofSeconds(15);

  /** Whoever asks for a step waits 2.5 s for it. */
  private static final long MAX_STEP_NANOS = Duration.ofMillis(800).toNanos();

  private final RedisLink redis;
  private final RedisKeys keys;
  private final OrphanSweep orphans;
  private final IndexSweep index;
  private final StraySweep strays;
  private final String collector = UUID.randomUUID().toString();

  /** What a full collection is about; null between two. */
  private Phase phase;

  private boolean busy;

  private enum Phase {
    ORPHANS,
    INDEX,
    STRAYS
  }

  /** @param changes told of each session that is gone */
  RedisSweep(
      RedisLink redis,
      RedisKeys keys,
      Duration ttl,
      LapsedTurns lapsed,
      Consumer<SessionChanged> changes) {
    this.redis = redis;
    this.keys = keys;
    Orphans ending = new Orphans(lapsed);
    this.orphans = new OrphanSweep(redis, keys, ending);
    this.index = new IndexSweep(redis, keys, changes);
    this.strays = new StraySweep(redis, keys, ttl, ending);
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    if (busy) {
      return Future.succeededFuture(SweepStep.NOTHING.swept(false));
    }
    busy = true;
    return collector(TERM)
        .compose(turn -> turn.isOurs()
            ? step(turn, limit, orphansOnly)
            : Future.succeededFuture(SweepStep.NOTHING.swept(false)))
        .onComplete(done -> busy = false);
  }

  private Future<Swept> step(Turn turn, int limit, boolean orphansOnly) {
    if (orphansOnly) {
      return orphans.step(limit, turn.now()).compose(step -> ended(step, orphans.isDone()));
    }
    if (turn.isNew() || phase == null) {
      phase = Phase.ORPHANS;
      index.restart();
      strays.restart();
    }
    long deadline = System.nanoTime() + MAX_STEP_NANOS;
    return (switch (phase) {
          case ORPHANS -> orphans.step(limit, turn.now());
          case INDEX -> index.step(limit, turn.now(), deadline);
          case STRAYS -> strays.step(limit, deadline);
        })
        .compose(step -> {
          phase = next();
          return ended(step, phase == null);
        });
  }

  /** @return the same phase while it is not done */
  private Phase next() {
    return switch (phase) {
      case ORPHANS -> orphans.isDone() ? Phase.INDEX : phase;
      case INDEX -> index.isDone() ? Phase.STRAYS : phase;
      case STRAYS -> strays.isDone() ? null : phase;
    };
  }

  private Future<Swept> ended(SweepStep step, boolean done) {
    Swept swept = step.swept(!done);
    return done
        ? collector(Duration.ZERO).map(swept).otherwise(swept) // else its time runs out
        : Future.succeededFuture(swept);
  }

  private Future<Turn> collector(Duration term) {
    return redis
        .run(
            SessionScript.SWEEP_COLLECTOR,
            List.of(keys.collector()),
            List.of(collector, Long.toString(term.toMillis())))
        .map(Turn::of);
  }

  /**
   * Whose turn it is to collect.
   *
   * @param now in milliseconds of Redis's clock
   */
  private record Turn(boolean isOurs, boolean isNew, long now) {

    private static Turn of(Response response) {
      int whose = response.get(0).toInteger();
      return new Turn(whose != 0, whose == 1, response.get(1).toLong());
    }
  }
}
