package io.consoul.session;

import io.consoul.message.TurnId;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** Sessions on their way that somebody waits for. */
  private final Set<String> hurried = new HashSet<>();

  /** Sessions on their way from the shelter that were not deleted since they set out. */
  private final Set<String> merging = new HashSet<>();

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
    Map<String, List<AcknowledgedTurn>> lost = recent.bySession();
    if (!came.sameData()) {
      atHand.all().stream()
          .filter(session -> session.transcript().turns() > 0)
          .forEach(
              session -> lost.merge(session.key(), session.acknowledgedFrom(0), Reoffer::both));
    }
    // What was lost before and is not offered yet is still lost.
    lost.forEach((key, turns) -> waiting.merge(key, turns, Reoffer::both));
  }

  /** In the order in which they were begun, each once. */
  private static List<AcknowledgedTurn> both(
      List<AcknowledgedTurn> some, List<AcknowledgedTurn> others) {
    Map<TurnId, AcknowledgedTurn> turns = new LinkedHashMap<>();
    some.forEach(turn -> turns.put(turn.id(), turn));
    others.forEach(turn -> turns.putIfAbsent(turn.id(), turn));
    return turns.values().stream().sorted(AcknowledgedTurn.IN_ORDER).toList();
  }

  /** These are in the shelter: what is to be offered of them goes with the rest of them when they are merged. */
  void leaveToMerge(Collection<String> sheltered) {
    sheltered.forEach(key -> {
      List<AcknowledgedTurn> turns = waiting.remove(key);
      if (turns != null) {
        doubted.merge(key, turns, Reoffer::both);
      }
    });
  }

  /** Redis may have lost something of every session in the shelter, also of what it had before, or what others told it. */
  void doubtAll() {
    allInDoubt = true;
  }

  /** All that was in the shelter is in Redis. */
  void settled() {
    allInDoubt = false;
    doubted.clear();
  }

  /** Those that have left the shelter without being merged, for their turn there left no trace, are offered here again. */
  void takeBack(Collection<String> sheltered) {
    List.copyOf(doubted.keySet()).stream()
        .filter(key -> !sheltered.contains(key))
        .forEach(this::takeBack);
  }

  private void takeBack(String sessionKey) {
    List<AcknowledgedTurn> turns = doubted.remove(sessionKey);
    if (turns != null) {
      waiting.merge(sessionKey, turns, Reoffer::both);
    }
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
    turns.sort(AcknowledgedTurn.IN_ORDER);
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

  /** Succeeds when nothing of this session, which is not in the shelter, is left to offer. */
  Future<Void> ready(String sessionKey) {
    takeBack(sessionKey);
    return waiting.containsKey(sessionKey)
        ? session(sessionKey, true).compose(offered -> ready(sessionKey))
        : Future.succeededFuture();
  }

  /** This session is on its way from the shelter to Redis. */
  void merging(String sessionKey) {
    merging.add(sessionKey);
  }

  /** Whether it still is, and was not deleted since. */
  boolean isMerging(String sessionKey) {
    return merging.contains(sessionKey);
  }

  void mergingEnded(String sessionKey) {
    merging.remove(sessionKey);
  }

  /** The session was deleted: nothing of it must come back. */
  void forget(String sessionKey) {
    merging.remove(sessionKey);
    waiting.remove(sessionKey);
    doubted.remove(sessionKey);
    recent.forget(sessionKey);
  }

  /** Whether nothing is left to offer. */
  boolean isDone() {
    return waiting.isEmpty();
  }

  /** Offers all that waits. What fails is left for the next time, and keeps nothing else from being offered. */
  Future<Void> all() {
    return OneByOne.each(List.copyOf(waiting.keySet()), this::offerInTurn).map(done -> {
      if (waiting.isEmpty() && restored > 0) {
        log.warn("Redis had lost turns that were acknowledged; they are there again: {}", restored);
        restored = 0;
      }
      return null;
    });
  }

  /** @return whether Redis is there for the next one */
  private Future<Boolean> offerInTurn(String sessionKey) {
    if (!waiting.containsKey(sessionKey)) {
      return Future.succeededFuture(true);
    }
    return session(sessionKey, false)
        .map(true)
        .otherwise(failure -> {
          log.debug("a session is not offered yet: {}", failure.getClass().getSimpleName());
          return !SessionPlaces.isUnavailable(failure);
        })
        .compose(next -> vertx.timer(pauseMillis).map(next));
  }

  private Future<Void> session(String sessionKey, boolean urgent) {
    if (urgent) {
      hurried.add(sessionKey);
    }
    Future<Void> already = offering.get(sessionKey);
    if (already != null) {
      return already;
    }
    Promise<Void> offered = Promise.promise();
    offering.put(sessionKey, offered.future());
    List<AcknowledgedTurn> turns = waiting.get(sessionKey);
    offer(sessionKey, turns, false).onComplete(result -> {
      offering.remove(sessionKey);
      hurried.remove(sessionKey);
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
  private Future<Void> offer(String sessionKey, List<AcknowledgedTurn> turns, boolean make) {
    TurnsInOrder order = new TurnsInOrder(redis, new MergeTarget.Terms(make, false));
    return OneByOne.each(
            turns, turn -> order.offer(turn).compose(outcome -> offered(outcome, sessionKey)))
        .compose(found -> {
          List<AcknowledgedTurn> lost = waiting.get(sessionKey); // null: deleted, or sheltered now
          return found || lost == null
              ? Future.succeededFuture()
              : offer(sessionKey, whole(sessionKey, lost), true);
        });
  }

  private Future<Boolean> offered(MergeTarget.Outcome outcome, String sessionKey) {
    if (outcome == MergeTarget.Outcome.APPENDED || outcome == MergeTarget.Outcome.REPLACED) {
      restored++;
    }
    boolean there = outcome != MergeTarget.Outcome.MISSING;
    return !there || hurried.contains(sessionKey)
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
