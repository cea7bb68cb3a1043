package io.consoul.session;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers Redis again what it may have lost when it came back as another or older server. A session that is asked for meanwhile
 * waits until its turns are there, and its turn comes at once. Confined to one event loop.
 */
final class Reoffer {

  private static final Logger log = LoggerFactory.getLogger(Reoffer.class);

  private final Vertx vertx;
  private final MergeTarget redis;
  private final RecentTurns recent;
  private final SessionsAtHand atHand;
  private final long pauseMillis;

  /** What is still to be offered, by session. */
  private final Map<String, List<AcknowledgedTurn>> waiting = new LinkedHashMap<>();

  /** The same of sessions in the shelter: they are offered when the session is merged. */
  private final Map<String, List<AcknowledgedTurn>> doubted = new HashMap<>();

  private final Map<String, Future<Void>> offering = new HashMap<>();
  private boolean allInDoubt;
  private long restored;
  private int losses;

  /** @param pauseMillis between two turns, when nobody waits for them */
  Reoffer(
      Vertx vertx, MergeTarget redis, RecentTurns recent, SessionsAtHand atHand, long pauseMillis) {
    this.vertx = vertx;
    this.redis = redis;
    this.recent = recent;
    this.atHand = atHand;
    this.pauseMillis = pauseMillis;
  }

  /** From now on every session of which something may be lost has to wait. */
  void prepare(RedisHealth.Came came) {
    losses++;
    recent.bySession().forEach(waiting::put);
    if (!came.sameData()) {
      atHand.all().stream()
          .filter(session -> session.transcript().turns() > 0)
          .forEach(session -> waiting.putIfAbsent(session.key(), session.acknowledgedFrom(0)));
    }
  }

  /** These are in the shelter: what is to be offered of them goes with the rest of them when they are merged. */
  void leaveToMerge(Collection<String> sheltered) {
    sheltered.forEach(key -> {
      List<AcknowledgedTurn> turns = waiting.remove(key);
      if (turns != null) {
        doubted.put(key, turns);
      }
    });
  }

  /** Redis may have lost something of every session in the shelter, also of what others have told it. */
  void doubtAll() {
    allInDoubt = true;
  }

  /** All that was in the shelter is in Redis. */
  void settled() {
    allInDoubt = false;
    doubted.clear();
  }

  /** Whether Redis may have lost something of a session in the shelter. */
  boolean isDoubted(String sessionKey) {
    return allInDoubt || doubted.containsKey(sessionKey);
  }

  /**
   * The turns of a session in the shelter from this one on, with all before it that Redis may have lost, also of those that
   * are not in there.
   */
  List<AcknowledgedTurn> from(MemorySession session, int first) {
    Transcript transcript = session.transcript();
    List<AcknowledgedTurn> turns = new ArrayList<>();
    int from = allInDoubt ? 0 : first;
    for (AcknowledgedTurn turn : doubted.getOrDefault(session.key(), List.of())) {
      SealedTurn here = transcript.sealed(turn.id());
      if (here == null) {
        turns.add(turn);
      } else {
        from = Math.min(from, here.answer() / 2);
      }
    }
    turns.addAll(session.acknowledgedFrom(from));
    return turns;
  }

  /** How often Redis may have lost something: what it was told before it changed is in doubt. */
  int losses() {
    return losses;
  }

  /** All of the session that was in the shelter is in Redis. */
  void merged(String sessionKey) {
    doubted.remove(sessionKey);
  }

  /** Succeeds when nothing of this session is left to offer. */
  Future<Void> ready(String sessionKey) {
    return waiting.containsKey(sessionKey)
        ? session(sessionKey, true).compose(offered -> ready(sessionKey))
        : Future.succeededFuture();
  }

  /** The session was deleted: nothing of it must come back. */
  void forget(String sessionKey) {
    waiting.remove(sessionKey);
    doubted.remove(sessionKey);
    recent.forget(sessionKey);
  }

  /** Offers all that waits. A failure leaves what is not yet offered for the next time. */
  Future<Void> all() {
    if (waiting.isEmpty()) {
      if (restored > 0) {
        log.warn("Redis had lost turns that were acknowledged; they are there again: {}", restored);
        restored = 0;
      }
      return Future.succeededFuture();
    }
    return session(waiting.keySet().iterator().next(), false)
        .compose(done -> vertx.timer(pauseMillis))
        .compose(done -> all());
  }

  private Future<Void> session(String sessionKey, boolean urgent) {
    Future<Void> already = offering.get(sessionKey);
    if (already != null) {
      return already;
    }
    Promise<Void> offered = Promise.promise();
    offering.put(sessionKey, offered.future());
    List<AcknowledgedTurn> turns = waiting.get(sessionKey);
    offer(sessionKey, turns, false, urgent).onComplete(result -> {
      offering.remove(sessionKey);
      if (result.succeeded()) {
        if (waiting.get(sessionKey) == turns) { // else Redis may have lost it again meanwhile
          waiting.remove(sessionKey);
        }
        atHand
            .find(sessionKey)
            .filter(copy -> copy.pending() == null)
            .ifPresent(copy -> atHand.forget(sessionKey));
      }
      offered.handle(result);
    });
    return offered.future();
  }

  /** @param make the session is lost, and made again with all that is at hand of it */
  private Future<Void> offer(
      String sessionKey, List<AcknowledgedTurn> turns, boolean make, boolean urgent) {
    Future<Boolean> there = Future.succeededFuture(true);
    for (AcknowledgedTurn turn : turns) {
      there = there.compose(go -> go
          ? redis
              .offer(turn, new MergeTarget.Terms(make, false))
              .compose(outcome -> offered(outcome, urgent))
          : Future.succeededFuture(false));
    }
    return there.compose(found -> found
        ? Future.succeededFuture()
        : offer(sessionKey, whole(sessionKey, turns), true, urgent));
  }

  private Future<Boolean> offered(MergeTarget.Outcome outcome, boolean urgent) {
    if (outcome == MergeTarget.Outcome.APPENDED || outcome == MergeTarget.Outcome.REPLACED) {
      restored++;
    }
    boolean there = outcome != MergeTarget.Outcome.MISSING;
    return urgent || !there
        ? Future.succeededFuture(there)
        : vertx.timer(pauseMillis).map(true);
  }

  /** The copy at hand has all of these and what was before them; where it is gone there are these. */
  private List<AcknowledgedTurn> whole(String sessionKey, List<AcknowledgedTurn> turns) {
    return atHand
        .find(sessionKey)
        .filter(copy ->
            turns.stream().allMatch(turn -> copy.transcript().sealed(turn.id()) != null))
        .map(copy -> copy.acknowledgedFrom(0))
        .orElse(turns);
  }
}
