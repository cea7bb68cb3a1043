package io.consoul.session;

import io.consoul.message.AbortTurn;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes sessions from the shelter back to Redis, one turn after the other by turn id. It may be broken off anywhere and
 * repeated. Confined to one event loop.
 */
final class Merge {

  private static final Logger log = LoggerFactory.getLogger(Merge.class);

  /** What came of a session's turns. */
  private static final class Tally {
    int merged;
    int dropped;

    void count(MergeTarget.Outcome outcome) {
      switch (outcome) {
        case DROPPED -> dropped++;
        case APPENDED, REPLACED -> merged++;
        default -> {}
      }
    }
  }

  private final Vertx vertx;
  private final Shelter shelter;
  private final MergeTarget redis;
  private final ShelterNotes notes;
  private final RecentTurns recent;
  private final Reoffer reoffer;
  private final SessionsAtHand atHand;
  private final long pauseMillis;

  /** Sessions that are on their way. */
  private final Map<String, Future<Boolean>> moving = new HashMap<>();

  /** Those of them that somebody waits for. */
  private final Set<String> hurried = new HashSet<>();

  /** Turns in progress that were taken in, under the leases that Redis knows. */
  private final Map<String, AbortTurn> takenIn = new HashMap<>();

  private long merged;
  private long dropped;

  /**
   * @param pauseMillis between two turns, when nobody waits for them
   */
  Merge(
      Vertx vertx,
      Shelter shelter,
      MergeTarget redis,
      ShelterNotes notes,
      RecentTurns recent,
      Reoffer reoffer,
      SessionsAtHand atHand,
      long pauseMillis) {
    this.vertx = vertx;
    this.shelter = shelter;
    this.redis = redis;
    this.notes = notes;
    this.recent = recent;
    this.reoffer = reoffer;
    this.atHand = atHand;
    this.pauseMillis = pauseMillis;
  }

  /**
   * Merges one session.
   *
   * @param urgent somebody waits for it
   * @return whether Redis has all of it now, and the shelter has let it go; not, while a turn of it is in progress or another
   *     instance merges it. A failure leaves it in the shelter
   */
  Future<Boolean> session(String sessionKey, boolean urgent) {
    if (urgent) {
      hurried.add(sessionKey);
    }
    Future<Boolean> already = moving.get(sessionKey);
    if (already != null) {
      return already;
    }
    Promise<Boolean> moved = Promise.promise();
    moving.put(sessionKey, moved.future());
    move(sessionKey).onComplete(result -> {
      moving.remove(sessionKey);
      hurried.remove(sessionKey);
      reoffer.mergingEnded(sessionKey);
      moved.handle(result);
    });
    return moved.future();
  }

  /** A session comes to the shelter with this turn in progress, which Redis has as well. */
  void takesIn(String sessionKey, PendingTurn pending) {
    takenIn.put(sessionKey, pending.abort());
  }

  /** These sessions, and those that have left the shelter with a turn that Redis takes to be in progress. */
  Collection<String> andAbandoned(Collection<String> guests) {
    Set<String> all = new LinkedHashSet<>(guests);
    all.addAll(takenIn.keySet());
    return all;
  }

  /** Succeeds when Redis has no turn of this session in progress that has ended in the shelter without a trace. */
  Future<Void> abandoned(String sessionKey) {
    return takenIn.containsKey(sessionKey)
        ? session(sessionKey, true).mapEmpty()
        : Future.succeededFuture();
  }

  /** Turns that went into Redis since it was asked last. */
  long takeMerged() {
    if (dropped > 0) {
      log.info("turns of sessions that were deleted meanwhile were dropped: {}", dropped);
      dropped = 0;
    }
    long count = merged;
    merged = 0;
    return count;
  }

  private Future<Boolean> move(String sessionKey) {
    return shelter
        .claim(sessionKey)
        .compose(mine -> mine ? moveClaimed(sessionKey) : Future.succeededFuture(false));
  }

  private Future<Boolean> moveClaimed(String sessionKey) {
    return shelter.export(sessionKey).compose(guest -> {
      if (guest == null) {
        return abandon(sessionKey, null).map(true);
      }
      if (guest.deleted()) { // perhaps while it was on its way
        recent.forget(sessionKey);
      }
      int position = notes.position(sessionKey);
      int turns = guest.session() == null ? 0 : guest.session().transcript().turns();
      boolean pending = guest.session() != null && guest.session().pending() != null;
      Tally tally = new Tally();
      int losses = reoffer.losses();
      reoffer.merging(sessionKey);
      return offer(guest, tally)
          .compose(there -> abandon(sessionKey, guest.session()).map(there))
          .compose(there -> there && losses == reoffer.losses() && reoffer.isMerging(sessionKey)
              ? merged(guest, turns, position, losses)
              : Future.succeededFuture(false))
          .compose(released -> {
            merged += tally.merged;
            dropped += tally.dropped;
            if (released) {
              notes.released(sessionKey);
              atHand.forget(sessionKey); // what came late of Redis before the outage
            }
            return released || pending ? Future.succeededFuture(released) : moveAgain(sessionKey);
          });
    });
  }

  /**
   * Redis has so much of it; nothing says so when that was another Redis, or when the session was deleted meanwhile.
   *
   * @return whether the shelter has let it go
   */
  private Future<Boolean> merged(Shelter.Guest guest, int turns, int position, int losses) {
    String sessionKey = guest.sessionKey();
    return shelter
        .merged(guest, turns)
        .compose(done -> notes.merged(sessionKey, position))
        .compose(done -> {
          if (losses != reoffer.losses()) {
            return Future.succeededFuture(false);
          }
          reoffer.merged(sessionKey);
          return shelter.release(sessionKey);
        });
  }

  /** Something happened in it meanwhile. */
  private Future<Boolean> moveAgain(String sessionKey) {
    return shelter
        .export(sessionKey)
        .compose(
            guest -> guest != null && guest.session() != null && guest.session().pending() != null
                ? Future.succeededFuture(false)
                : move(sessionKey));
  }

  /** @return whether all of it is there; not, where Redis has lost it again meanwhile */
  private Future<Boolean> offer(Shelter.Guest guest, Tally tally) {
    MemorySession session = guest.session();
    if (session == null || !session.isUnmerged() && !reoffer.isDoubted(guest.sessionKey())) {
      return delete(guest).map(true);
    }
    MergeTarget.Terms terms = new MergeTarget.Terms(!session.isKnownToStore(), guest.remade());
    List<AcknowledgedTurn> turns = reoffer.from(session, session.unmerged());
    return delete(guest)
        .compose(deleted -> turns.isEmpty()
            ? redis.make(session.origin(), session.created(), terms).map(true)
            : offer(turns, terms, tally)
                .compose(there -> there
                    ? Future.succeededFuture(true)
                    : offer(
                        reoffer.from(session, 0),
                        new MergeTarget.Terms(true, guest.remade()),
                        tally)));
  }

  /** Whoever held a turn that has left no trace must not end it in Redis: nobody here would know of it. */
  private Future<Void> abandon(String sessionKey, MemorySession session) {
    AbortTurn turn = takenIn.get(sessionKey);
    if (turn == null
        || session != null
            && session.pending() != null
            && session.pending().begin().turn().equals(turn.turn())) {
      return Future.succeededFuture();
    }
    return redis.abort(turn).onSuccess(done -> takenIn.remove(sessionKey, turn));
  }

  private Future<Void> delete(Shelter.Guest guest) {
    return guest.deleted() ? redis.delete(guest.sessionKey()) : Future.succeededFuture();
  }

  /** @return whether there is such a session, as it was offered so far */
  private Future<Boolean> offer(
      List<AcknowledgedTurn> turns, MergeTarget.Terms terms, Tally tally) {
    TurnsInOrder order = new TurnsInOrder(redis, terms);
    return OneByOne.each(
        turns,
        turn -> order.offer(turn).compose(outcome -> {
          if (outcome == MergeTarget.Outcome.MISSING) {
            return Future.succeededFuture(false);
          }
          tally.count(outcome);
          if (outcome != MergeTarget.Outcome.DROPPED && reoffer.isMerging(turn.sessionKey())) {
            recent.add(turn);
          }
          return hurried.contains(turn.sessionKey())
              ? Future.succeededFuture(true)
              : vertx.timer(pauseMillis).map(true);
        }));
  }
}
