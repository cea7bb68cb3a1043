package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Which of the two serves a session, Redis or the shelter, and how it gets from one to the other. A request that finds its
 * session elsewhere when Redis answers than when it was asked is repeated there: every step may be. Confined to one event
 * loop.
 */
final class SessionPlaces {

  /** How a request goes about a session that is in neither place for all that is known. */
  enum Unknown {
    /** It begins there without its history. */
    BEGINS,
    /** E110: it may be in Redis. */
    REFUSED
  }

  private static final long LOOK_MILLIS = 25;

  /** So long the suspicion may take to arise. */
  private static final long MIN_SUSPENSE_MILLIS = 500;

  /** Redis is tried out for as long as a command may take, before it counts as down. */
  private static final long MAX_SUSPENSE_MILLIS = 4_000;

  private final Vertx vertx;
  private final SessionConfig config;
  private final InstantSource clock;
  private final RedisHealth health;
  private final SessionsAtHand atHand;
  private final Shelter shelter;
  private final ShelterNotes notes;
  private final Reoffer reoffer;
  private final Merge merge;
  private final Outage outage;
  private final OtherInstances others;
  private final boolean enabled;
  private boolean away;

  /** Without the fallback nobody is sheltered: requests fail while Redis is away. */
  SessionPlaces(
      Vertx vertx,
      SessionConfig config,
      InstantSource clock,
      RedisHealth health,
      SessionsAtHand atHand,
      Shelter shelter,
      ShelterNotes notes,
      Reoffer reoffer,
      Merge merge,
      Outage outage,
      OtherInstances others) {
    this.vertx = vertx;
    this.config = config;
    this.clock = clock;
    this.health = health;
    this.atHand = atHand;
    this.shelter = shelter;
    this.notes = notes;
    this.reoffer = reoffer;
    this.merge = merge;
    this.outage = outage;
    this.others = others;
    this.enabled = config.redis().fallback().enabled();
  }

  /** Whether Redis is left alone from now on: until what it may have lost is known. */
  void away(boolean isAway) {
    away = isAway;
  }

  boolean isAway() {
    return away || health.isDown();
  }

  /** A turn wants to begin: in Redis if that is there, and if what the shelter has of the session can be merged first. */
  <T> Future<T> begin(
      String sessionKey,
      Unknown unknown,
      Supplier<Future<T>> inRedis,
      Function<Boolean, Future<T>> inShelter) {
    Request<T> request = new Request<>(sessionKey, unknown, inRedis, inShelter);
    return holds(sessionKey).compose(held -> {
      if (!held) {
        return inRedis(request);
      }
      if (isAway()) {
        return inShelter(request);
      }
      return merge
          .session(sessionKey, true)
          .transform(
              moved -> moved.succeeded() && moved.result() ? inRedis(request) : inShelter(request));
    });
  }

  /** Anything else. */
  <T> Future<T> serve(
      String sessionKey,
      Unknown unknown,
      Supplier<Future<T>> inRedis,
      Function<Boolean, Future<T>> inShelter) {
    Request<T> request = new Request<>(sessionKey, unknown, inRedis, inShelter);
    return holds(sessionKey).compose(held -> held ? inShelter(request) : inRedis(request));
  }

  /** Takes a session into the shelter, if it is at hand. */
  Future<Void> takeIn(MemorySession copy) {
    copy.stored(copy.transcript().turns());
    if (copy.pending() != null) {
      merge.takesIn(copy.key(), copy.pending());
      Instant end = clock.instant().plus(config.lease());
      copy.pending().renew(end); // whoever holds it could not renew its lease
    }
    return shelter.adopt(copy).onSuccess(in -> atHand.forget(copy.key()));
  }

  /**
   * Another instance needs this session in an outage.
   *
   * @param fetch gets it from Redis, where it is there
   * @return the turns that it has, or -1 where it is not at hand
   */
  Future<Integer> recalled(String sessionKey, Supplier<Future<?>> fetch) {
    if (!enabled || !shelter.isShared()) {
      return Future.succeededFuture(-1);
    }
    return isAway() || atHand(sessionKey) != null
        ? takeInAtHand(sessionKey)
        : fetch.get().transform(fetched -> takeInAtHand(sessionKey));
  }

  private Future<Integer> takeInAtHand(String sessionKey) {
    MemorySession copy = atHand(sessionKey);
    return copy == null
        ? Future.succeededFuture(-1)
        : takeIn(copy).map(copy.transcript().turns());
  }

  private record Request<T>(
      String sessionKey,
      Unknown unknown,
      Supplier<Future<T>> inRedis,
      Function<Boolean, Future<T>> inShelter) {}

  /** Also what the journal of an earlier process has. */
  private Future<Boolean> holds(String sessionKey) {
    if (!enabled) {
      return Future.succeededFuture(false);
    }
    Shelter.Guest left = outage.claim(sessionKey);
    if (left == null) {
      return isAway() || others.mayShelter()
          ? shelter.holds(sessionKey)
          : Future.succeededFuture(false);
    }
    return moveIn(left).compose(in -> shelter.holds(sessionKey));
  }

  /** A session that an earlier process left in its journal. */
  Future<Void> moveIn(Shelter.Guest left) {
    Future<Void> deleted =
        left.deleted() ? shelter.delete(left.sessionKey()) : Future.succeededFuture();
    if (left.session() == null) {
      return deleted;
    }
    notes.replayed(left.session());
    return deleted
        .compose(done -> shelter.adopt(left.session()))
        .onFailure(full -> outage.giveBack(left));
  }

  /** It is there; or it was, for it may be merged at any moment. */
  private <T> Future<T> inShelter(Request<T> request) {
    return noted(request, true)
        .recover(failure -> isNotThere(failure) && shelter.isShared()
            ? holds(request.sessionKey())
                .compose(held -> held ? Future.failedFuture(failure) : inRedis(request))
            : Future.failedFuture(failure));
  }

  private <T> Future<T> noted(Request<T> request, boolean guestsOnly) {
    return request
        .inShelter()
        .apply(guestsOnly)
        .compose(done -> notes.note(request.sessionKey()).map(done));
  }

  private <T> Future<T> inRedis(Request<T> request) {
    if (isAway()) {
      return withoutRedis(request);
    }
    return reoffer
        .ready(request.sessionKey())
        .compose(ready -> merge.abandoned(request.sessionKey()))
        .compose(ready -> request.inRedis().get())
        .transform(result -> holds(request.sessionKey()).compose(moved -> {
          if (moved) {
            return inShelter(request);
          }
          if (result.failed() && isUnavailable(result.cause()) && enabled) {
            return verdict(0)
                .compose(
                    down -> down ? withoutRedis(request) : Future.failedFuture(result.cause()));
          }
          return result.succeeded()
              ? Future.succeededFuture(result.result())
              : Future.failedFuture(result.cause());
        }));
  }

  private <T> Future<T> withoutRedis(Request<T> request) {
    if (!enabled) {
      return Future.failedFuture(health.unavailable());
    }
    return holds(request.sessionKey()).compose(held -> {
      if (held) {
        return inShelter(request);
      }
      MemorySession copy = atHand(request.sessionKey());
      if (copy != null) {
        return takeIn(copy).compose(in -> inShelter(request));
      }
      if (others.reachRedis()) { // one of them is asked instead
        return Future.failedFuture(health.unavailable());
      }
      return shelter.isShared()
          ? others
              .recall(request.sessionKey())
              .compose(asked -> holds(request.sessionKey()))
              .compose(found -> found ? inShelter(request) : notAtHand(request))
          : notAtHand(request);
    });
  }

  private <T> Future<T> notAtHand(Request<T> request) {
    return request.unknown() == Unknown.BEGINS
        ? noted(request, false)
        : Future.failedFuture(health.unavailable());
  }

  private MemorySession atHand(String sessionKey) {
    return atHand
        .find(sessionKey)
        .filter(copy -> !copy.isExpired(clock.instant()))
        .orElse(null);
  }

  /** @return whether Redis is down; waits while it is being tried out */
  private Future<Boolean> verdict(long waitedMillis) {
    if (isAway()) {
      return Future.succeededFuture(true);
    }
    boolean open = health.isSuspect() || waitedMillis < MIN_SUSPENSE_MILLIS;
    return open && waitedMillis < MAX_SUSPENSE_MILLIS
        ? vertx.timer(LOOK_MILLIS).compose(look -> verdict(waitedMillis + LOOK_MILLIS))
        : Future.succeededFuture(false);
  }

  private static boolean isNotThere(Throwable failure) {
    return failure instanceof FaultException known && known.fault() == Fault.SESSION_NOT_FOUND;
  }

  static boolean isUnavailable(Throwable failure) {
    return failure instanceof FaultException known
        && known.fault() == Fault.SESSION_STORAGE_UNAVAILABLE;
  }
}
