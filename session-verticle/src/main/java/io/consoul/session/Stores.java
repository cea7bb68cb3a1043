package io.consoul.session;

import com.hazelcast.core.HazelcastInstance;
import io.consoul.message.Addresses;
import io.consoul.message.Handlers;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.RecallSession;
import io.consoul.message.Recalled;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionMoved;
import io.consoul.message.StoreState;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Where a session instance keeps its sessions: opens what the configuration names, tells the cluster, and closes it.
 *
 * @param moved to be told when another instance has the turns of a session now
 * @param recalled asked when another instance needs a session that may be at hand here
 */
record Stores(
    SessionStore store,
    SessionCatalog catalog,
    Consumer<SessionMoved> moved,
    Function<RecallSession, Future<Recalled>> recalled,
    Supplier<Future<Void>> starting,
    Supplier<Future<Void>> closing) {

  static final Duration TICK = Duration.ofMillis(250);

  /** The way to Redis, where the configuration names one; fails where there is no Redis at its end. */
  static Future<Optional<RedisLink>> reach(Vertx vertx, SessionConfig config, Node node) {
    return config.redis().isConfigured()
        ? RedisLink.open(
                vertx,
                config.redis(),
                config.redisUse(),
                config.instances(),
                node.random(),
                node.meters())
            .map(Optional::of)
        : Future.succeededFuture(Optional.empty());
  }

  /** @param member of the cluster that the node is in, or null where it is in none */
  static Stores open(
      Vertx vertx,
      SessionConfig config,
      Node node,
      Membership membership,
      Optional<RedisLink> redis,
      HazelcastInstance member,
      Duration tick) {
    return redis
        .map(link -> inRedis(vertx, config, node, membership, link, member))
        .orElseGet(() -> member == null
            ? inMemory(vertx, config, node, membership, tick)
            : inCluster(vertx, config, node, membership, member));
  }

  /** Succeeds when sessions may be served. */
  Future<Void> start() {
    return starting.get();
  }

  Future<Void> close() {
    return closing.get();
  }

  private static Stores inMemory(
      Vertx vertx, SessionConfig config, Node node, Membership membership, Duration tick) {
    MemoryStore memory = new MemoryStore(
        config,
        node.clock(),
        node.random(),
        change -> node.bus().announce(Addresses.EVENTS_SESSION, change));
    OptionalLong ticks = tick.isZero()
        ? OptionalLong.empty()
        : OptionalLong.of(vertx.setPeriodic(tick.toMillis(), id -> memory.tick()));
    membership.store(StoreState.MEMORY);
    return new Stores(
        memory, memory.catalog(), moved -> {}, Stores::notAtHand, Future::succeededFuture, () -> {
          ticks.ifPresent(vertx::cancelTimer);
          return Future.succeededFuture();
        });
  }

  private static Stores inCluster(
      Vertx vertx,
      SessionConfig config,
      Node node,
      Membership membership,
      HazelcastInstance member) {
    ClusterStores shared = new ClusterStores(
        vertx,
        member,
        ClusterMaps.SESSIONS,
        config,
        MemberCalls.PATIENCE,
        ClusterMaps.clock(member),
        node.random(),
        () -> isFirst(node, membership),
        change -> node.bus().announce(Addresses.EVENTS_SESSION, change));
    shared.room().watch();
    membership.store(StoreState.CLUSTER);
    return new Stores(
        shared.store(),
        shared.catalog(),
        moved -> {},
        Stores::notAtHand,
        Future::succeededFuture,
        Future::succeededFuture);
  }

  private static Future<Recalled> notAtHand(RecallSession recall) {
    return Future.succeededFuture(new Recalled(-1));
  }

  /** Of the node's session instances: what all of them would do, this one does. */
  private static boolean isFirst(Node node, Membership membership) {
    return node.directory().serving(Kind.SESSION).stream()
        .filter(hello -> hello.node().equals(node.id()))
        .map(Hello::inbox)
        .min(Comparator.naturalOrder())
        .filter(membership.inbox()::equals)
        .isPresent();
  }

  private static Stores inRedis(
      Vertx vertx,
      SessionConfig config,
      Node node,
      Membership membership,
      RedisLink link,
      HazelcastInstance member) {
    Consumer<SessionChanged> changes =
        change -> node.bus().announce(Addresses.EVENTS_SESSION, change);
    RedisKeys keys = new RedisKeys(config.keyPrefix());
    RedisSteps steps = new RedisSteps(link, keys);
    SessionsAtHand atHand = new SessionsAtHand(config.cacheSizePerInstance());
    SessionCopies copies = new SessionCopies(config, node.clock(), atHand);
    RedisIndex index = new RedisIndex(vertx, link, keys);
    RedisTidings tidings = new RedisTidings(
        membership.inbox(),
        index,
        (inbox, message) -> {
          if (node.directory().knows(inbox)) {
            node.bus().tell(inbox, message);
          }
        },
        changes);
    RedisSettlement settlement = new RedisSettlement(config, node.clock(), steps, copies, tidings);
    SessionStore store = new RedisStore(
        config,
        node.clock(),
        node.random(),
        steps,
        copies,
        tidings,
        settlement,
        new RedisSweep(link, keys, config.ttl(), settlement, changes));
    SessionCatalog catalog = new RedisCatalog(
        link, keys, settlement, copies, index, tidings, config.ttl(), node.clock(), node.random());
    boolean inCluster = member != null && config.redis().fallback().enabled();
    Outage outage = Outages.join(vertx, config, node, link.health(), inCluster);
    Sheltering sheltering = inCluster
        ? Sheltering.inCluster(
            vertx,
            config,
            node,
            membership.inbox(),
            member,
            () -> isFirst(node, membership),
            changes)
        : Sheltering.inMemory(config, node, changes);
    RedisWithShelter sheltered = new RedisWithShelter(
        vertx,
        config,
        node,
        membership,
        link.health(),
        outage,
        store,
        catalog,
        new RedisMerge(config, steps, index, store, catalog, node.random()),
        atHand,
        sheltering,
        sessionKey -> isOwn(sessionKey, config, node, membership),
        MergePace.NORMAL);
    MessageConsumer<Object> deletions = node.bus()
        .serve(
            Addresses.EVENTS_SESSION,
            new Handlers().onEvent(SessionChanged.class, sheltered::changed));
    return new Stores(
        sheltered.store(),
        sheltered.catalog(),
        moved -> copies.moved(SessionName.of(moved)),
        sheltered::recalled,
        sheltered::start,
        () -> deletions
            .unregister()
            .eventually(sheltered::stop)
            .eventually(() -> Outages.leave(vertx, config))
            .eventually(index::flush)
            .eventually(link::close));
  }

  /** While some instances are not there yet, nobody can tell whose a session is. */
  private static boolean isOwn(
      String sessionKey, SessionConfig config, Node node, Membership membership) {
    long here = node.directory().serving(Kind.SESSION).stream()
        .filter(hello -> hello.node().equals(node.id()))
        .count();
    return here >= config.instances()
        && node.directory()
            .pickFor(Kind.SESSION, sessionKey)
            .filter(owner -> owner.inbox().equals(membership.inbox()))
            .isPresent();
  }
}
