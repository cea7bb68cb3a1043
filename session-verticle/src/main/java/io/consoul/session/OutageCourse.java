package io.consoul.session;

import io.consoul.node.Membership;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one instance through an outage: turns in progress go to the shelter when Redis goes; when it comes, it is offered what
 * it may have lost, and everything in the shelter is merged, in rounds, until nothing is left. Confined to one event loop.
 */
final class OutageCourse implements RedisHealth.Listener {

  private static final Logger log = LoggerFactory.getLogger(OutageCourse.class);

  private static final long ROUND_MILLIS = 500;
  private static final int ROUNDS_PER_WARNING = 120;

  private final Vertx vertx;
  private final RandomGenerator random;
  private final RedisHealth health;
  private final Outage outage;
  private final Membership member;
  private final Predicate<String> isOwn;
  private final SessionPlaces places;
  private final SessionsAtHand atHand;
  private final Shelter shelter;
  private final RecentTurns recent;
  private final Reoffer reoffer;
  private final Merge merge;
  private final MergePace pace;
  private final boolean sheltered;
  private Runnable deaf = () -> {};

  /** Counts the comings and goings: what began before the last one goes on no longer. */
  private int course;

  private int rounds;

  /**
   * @param isOwn which sessions belong to this instance of the JVM
   * @param sheltered whether sessions are sheltered in an outage; else requests are refused
   */
  OutageCourse(
      Vertx vertx,
      RandomGenerator random,
      RedisHealth health,
      Outage outage,
      Membership member,
      Predicate<String> isOwn,
      SessionPlaces places,
      SessionsAtHand atHand,
      Shelter shelter,
      RecentTurns recent,
      Reoffer reoffer,
      Merge merge,
      MergePace pace,
      boolean sheltered) {
    this.vertx = vertx;
    this.random = random;
    this.health = health;
    this.outage = outage;
    this.member = member;
    this.isOwn = isOwn;
    this.places = places;
    this.atHand = atHand;
    this.shelter = shelter;
    this.recent = recent;
    this.reoffer = reoffer;
    this.merge = merge;
    this.pace = pace;
    this.sheltered = sheltered;
  }

  /** Call it on the instance's event loop, when the journal has been read. */
  void start() {
    outage.join(member);
    deaf = health.listen(this);
    if (health.isDown()) {
      wentDown();
    } else if (!outage.left().isEmpty()) {
      outage.began(member);
      recover(0);
    }
  }

  void stop() {
    course++;
    deaf.run();
    outage.leave(member);
  }

  @Override
  public void wentDown() {
    course++;
    places.away(true);
    recent.freeze();
    outage.began(member);
    if (sheltered) {
      atHand.all().stream()
          .filter(copy -> copy.pending() != null)
          .forEach(copy -> places
              .takeIn(copy)
              .onFailure(full -> log.warn("a turn in progress found no room in the shelter")));
    }
  }

  @Override
  public void cameBack(RedisHealth.Came came) {
    if (!came.sameServer()) {
      reoffer.prepare(came);
      if (shelter.isShared() || !came.sameData()) {
        reoffer.doubtAll();
      }
    }
    shelter.guests().onComplete(guests -> {
      reoffer.leaveToMerge(guests.succeeded() ? guests.result() : List.of());
      places.away(false);
      recover(random.nextLong(pace.maxDelay().toMillis() + 1));
    });
  }

  private void recover(long delayMillis) {
    int now = ++course;
    rounds = 0;
    vertx.setTimer(Math.max(1, delayMillis), id -> round(now));
  }

  private void round(int now) {
    if (now != course) {
      return;
    }
    rounds++;
    shelter
        .guests()
        .compose(guests -> {
          reoffer.takeBack(guests);
          return reoffer.all();
        })
        .compose(offered -> takeInOwn())
        .otherwiseEmpty() // no room, say: there is when what is in the shelter is merged
        .compose(in -> shelter.own())
        .compose(guests -> mergeAll(merge.andAbandoned(guests), now))
        .compose(done -> shelter.own())
        .onComplete(guests -> {
          if (now != course) {
            return;
          }
          if (guests.succeeded() && !shelter.isShared()) {
            reoffer.takeBack(guests.result()); // what left it without a trace during this round
          }
          if (guests.succeeded()
              && guests.result().isEmpty()
              && outage.left().isEmpty()
              && reoffer.isDone()) {
            recent.thaw();
            reoffer.settled();
            outage.ended(member, merge.takeMerged());
          } else {
            warn(guests.result());
            vertx.setTimer(ROUND_MILLIS, id -> round(now));
          }
        });
  }

  private void warn(Collection<String> guests) {
    if (rounds % ROUNDS_PER_WARNING == 0) {
      log.warn(
          "sessions of the outage are not merged yet: {}",
          guests == null ? "unknown" : guests.size());
    }
  }

  /** What an earlier process left in its journal. */
  private Future<Void> takeInOwn() {
    return OneByOne.each(outage.left().stream().filter(isOwn).toList(), key -> {
          Shelter.Guest guest = outage.claim(key);
          return guest == null
              ? Future.succeededFuture(true)
              : places.moveIn(guest).map(true);
        })
        .mapEmpty();
  }

  /** One after the other; a failure leaves its session for the next round. */
  private Future<Void> mergeAll(Collection<String> sessions, int now) {
    return OneByOne.each(
            sessions,
            session -> merge
                .session(session, false)
                .onFailure(failure -> log.debug(
                    "a session is not merged yet: {}", failure.getClass().getSimpleName()))
                .otherwise(false)
                .compose(next -> vertx.timer(1)) // off the stack: there may be many
                .map(next -> now == course))
        .mapEmpty();
  }
}
