package io.consoul.session;

import io.consoul.message.BeginTurn;
import io.consoul.message.Listener;
import io.consoul.message.RecallSession;
import io.consoul.message.Recalled;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionRequest;
import io.consoul.message.TurnId;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * One instance's sessions in Redis, and what becomes of them while it is away. Wires its parts. Confined to the instance's
 * event loop.
 */
final class RedisWithShelter {

  private static final long TICK_MILLIS = 250;

  private final Vertx vertx;
  private final Outage outage;
  private final Sheltering sheltering;
  private final RecentTurns recent;
  private final RandomGenerator random;
  private final SessionStore redisStore;
  private final SessionStore store;
  private final SessionCatalog catalog;
  private final OutageCourse course;
  private final Reoffer reoffer;
  private final SessionsAtHand atHand;
  private final SessionPlaces places;
  private final Stragglers stragglers;
  private long timer = -1;

  /**
   * @param redisStore and redisCatalog know nothing of outages and fail with E110
   * @param isOwn which sessions belong to this instance of the JVM, once all its instances are there
   */
  RedisWithShelter(
      Vertx vertx,
      SessionConfig config,
      Node node,
      Membership member,
      RedisHealth health,
      Outage outage,
      SessionStore redisStore,
      SessionCatalog redisCatalog,
      MergeTarget target,
      SessionsAtHand atHand,
      Sheltering sheltering,
      Predicate<String> isOwn,
      MergePace pace) {
    this.vertx = vertx;
    this.outage = outage;
    this.atHand = atHand;
    this.redisStore = redisStore;
    this.random = node.random();
    long pauseMillis = pace.pauseMillis(config);
    this.sheltering = sheltering;
    Shelter shelter = sheltering.shelter();
    OtherInstances others = sheltering.otherInstances();
    recent = new RecentTurns(node.clock());
    ShelterNotes notes = new ShelterNotes(shelter, outage.journal());
    reoffer = new Reoffer(vertx, target, recent, atHand, pauseMillis);
    atHand.whenMissing(sessionKey -> health.check().compose(checked -> reoffer.ready(sessionKey)));
    Merge merge = new Merge(vertx, shelter, target, notes, recent, reoffer, atHand, pauseMillis);
    places = new SessionPlaces(
        vertx,
        config,
        sheltering.clock(),
        health,
        atHand,
        shelter,
        notes,
        reoffer,
        merge,
        outage,
        others);
    stragglers = new Stragglers(vertx, sheltering.others(), places, shelter, merge);
    store = new OutageStore(
        places,
        redisStore,
        shelter,
        notes,
        atHand,
        recent,
        others,
        config.inOutage().unknown() == SessionConfig.Unknown.SERVE
            ? SessionPlaces.Unknown.BEGINS
            : SessionPlaces.Unknown.REFUSED);
    catalog = new OutageCatalog(places, redisCatalog, shelter, notes, reoffer, health);
    course = new OutageCourse(
        vertx,
        node.random(),
        health,
        outage,
        member,
        isOwn,
        places,
        atHand,
        shelter,
        recent,
        reoffer,
        merge,
        pace,
        config.redis().fallback().enabled());
  }

  SessionStore store() {
    return store;
  }

  SessionCatalog catalog() {
    return catalog;
  }

  /** Succeeds when sessions may be served: what an earlier process left is known. */
  Future<Void> start() {
    timer = vertx.setPeriodic(TICK_MILLIS, id -> {
      sheltering.tick().run();
      recent.purge();
    });
    Context own = vertx.getOrCreateContext();
    Promise<Void> started = Promise.promise();
    outage
        .open()
        .onComplete(open -> own.runOnContext(here -> {
          if (open.succeeded()) {
            course.start();
            if (sheltering.others() != null) {
              sheltering.others().start(stragglers::fetch);
            }
          }
          started.handle(open);
        }));
    return started.future();
  }

  Future<Void> stop() {
    vertx.cancelTimer(timer);
    if (sheltering.others() != null) {
      sheltering.others().stop();
    }
    course.stop();
    return Future.succeededFuture();
  }

  /** Another instance needs this session in an outage. */
  Future<Recalled> recalled(RecallSession recall) {
    return places
        .recalled(recall.sessionKey(), () -> redisStore.snapshot(lookAt(recall), 0))
        .map(Recalled::new);
  }

  /** So that it is at hand afterwards, if there is such a session. */
  private BeginTurn lookAt(RecallSession recall) {
    return new BeginTurn(
        TurnId.mint(recall.session(), random),
        recall.tenant(),
        "?",
        null,
        new Listener("", Listener.DEFAULT_WINDOW));
  }

  /** What is deleted, here or by another instance: nothing that is at hand of it must come back. */
  void changed(SessionChanged change) {
    if (change.change() == SessionChanged.Change.DELETED) {
      String sessionKey = SessionRequest.sessionKey(change.tenant(), change.session());
      reoffer.forget(sessionKey);
      atHand
          .find(sessionKey)
          .filter(copy -> copy.pending() == null)
          .ifPresent(copy -> atHand.forget(sessionKey));
    }
  }
}
