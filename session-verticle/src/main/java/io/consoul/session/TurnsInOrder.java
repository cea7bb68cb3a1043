package io.consoul.session;

import io.vertx.core.Future;

/**
 * Offers turns of one session in their order, each only where the one before it is: Redis may lose everything in between, and
 * what was said later must not become the first that it knows. Confined to one event loop.
 */
final class TurnsInOrder {

  private final MergeTarget redis;
  private MergeTarget.Terms terms;

  /** @param terms of the first turn */
  TurnsInOrder(MergeTarget redis, MergeTarget.Terms terms) {
    this.redis = redis;
    this.terms = terms;
  }

  /** @return {@link MergeTarget.Outcome#MISSING} where all of them have to be offered anew */
  Future<MergeTarget.Outcome> offer(AcknowledgedTurn turn) {
    return redis.offer(turn, terms).map(outcome -> {
      if (outcome != MergeTarget.Outcome.MISSING && outcome != MergeTarget.Outcome.DROPPED) {
        terms = terms.after(turn.id());
      }
      return outcome;
    });
  }
}
