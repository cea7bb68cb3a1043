package io.consoul.session;

import static org.awaitility.Awaitility.await;

import io.consoul.message.Kind;
import io.consoul.message.SessionRequest;
import io.consoul.message.StoreState;
import io.consoul.message.Tenant;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.consoul.redis.RedisConfig;
import io.consoul.redis.RedisHealth;
import io.consoul.redis.RedisLink;
import io.consoul.redis.RedisPace;
import io.consoul.testkit.RedisServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;

/**
 * One instance on a real Redis that fails, with a watch that has little patience once something has failed; that nothing fails
 * because the machine is busy is up to the time-outs.
 */
final class OutageFixture extends StoreFixture {

  private static final RedisPace BRISK = new RedisPace(
      Duration.ofMillis(200),
      Duration.ofMillis(300),
      Duration.ofMillis(100),
      Duration.ofMillis(200));

  final Vertx vertx = Vertx.vertx();
  final Node node;
  final SessionsAtHand atHand;
  final RedisLink link;
  final RedisKeys keys;
  final OutageJournal journal;
  final Outage outage;
  private final SessionConfig config;
  private final Membership member;
  private final RedisHealth health;

  OutageFixture(RedisServer redis, Path journal, JsonObject json) {
    this(redis, journal, json, OutageJournal.MAX_BYTES, new Random(), null);
  }

  /** @param switched the outages that a test makes up, on a Redis that is always there; or null for real ones */
  OutageFixture(
      RedisServer redis,
      Path file,
      JsonObject json,
      long maxJournal,
      Random random,
      SwitchedRedis switched) {
    super(random);
    config = SessionConfig.from(new JsonObject()
        .put("instances", 1)
        .put(
            "redis",
            new JsonObject()
                .put("url", redis.url())
                .put("commandTimeoutSeconds", 20)
                .put("connectTimeoutSeconds", 20)
                .put(
                    "fallback",
                    new JsonObject().put("enabled", true).put("journal", file.toString())))
        .mergeIn(json, true));
    keys = new RedisKeys(config.keyPrefix());
    node = get(Node.join(vertx));
    Context context = vertx.getOrCreateContext();
    link = get(on(
        context,
        () -> RedisLink.open(
            vertx, brisk(config.redis()), config.redisUse(), 1, random, BRISK, node.meters())));
    health = switched == null ? link.health() : switched;
    member = node.directory().join(Kind.SESSION);
    journal = new OutageJournal(vertx, new JournalFile(file), maxJournal);
    outage =
        new Outage(node, health, Optional.of(journal), config.redis().fallback().enabled());
    atHand = new SessionsAtHand(config.cacheSizePerInstance());
    if (switched != null) {
      switched.use(atHand);
    }
    RedisWithShelter instance = get(on(context, () -> open(switched)));
    store = Confined.to(context, SessionStore.class, instance.store());
    catalog = Confined.to(context, SessionCatalog.class, instance.catalog());
  }

  /** Tries to go back more often than can be configured. */
  private static RedisConfig brisk(RedisConfig redis) {
    return new RedisConfig(
        redis.urls(),
        redis.mode(),
        redis.masterName(),
        redis.caFile(),
        redis.maxConnections(),
        redis.maxWaiting(),
        redis.connectTimeout(),
        redis.commandTimeout(),
        new RedisConfig.Fallback(redis.fallback().enabled(), Duration.ofMillis(250)));
  }

  private Future<RedisWithShelter> open(SwitchedRedis switched) {
    RedisSteps steps = new RedisSteps(link, keys);
    InstantSource clock = InstantSource.system();
    RedisIndex index = new RedisIndex(vertx, link, keys);
    SessionCopies copies = new SessionCopies(config, clock, atHand);
    RedisTidings tidings = new RedisTidings(
        member.inbox(), index, (String to, SessionRequest message) -> {}, changes::add);
    RedisSettlement settlement = new RedisSettlement(config, clock, steps, copies, tidings);
    SessionStore redisStore = new RedisStore(
        config,
        clock,
        random,
        steps,
        copies,
        tidings,
        settlement,
        new RedisSweep(link, keys, config.ttl(), settlement, changes::add));
    SessionCatalog redisCatalog = new RedisCatalog(
        link, keys, settlement, copies, index, tidings, config.ttl(), clock, random);
    MergeTarget target = new RedisMerge(config, steps, index, redisStore, redisCatalog, random);
    RedisWithShelter parts = new RedisWithShelter(
        vertx,
        config,
        node,
        member,
        health,
        outage,
        through(switched, SessionStore.class, redisStore),
        through(switched, SessionCatalog.class, redisCatalog),
        through(switched, MergeTarget.class, target),
        atHand,
        Sheltering.inMemory(config, node, changes::add),
        any -> true,
        new MergePace(1_000, switched == null ? Duration.ofMillis(200) : Duration.ZERO));
    return parts.start().map(parts);
  }

  private static <T> T through(SwitchedRedis switched, Class<T> type, T target) {
    return switched == null ? target : switched.wrap(type, target);
  }

  static <T> Future<T> on(Context context, Supplier<Future<T>> step) {
    Promise<T> done = Promise.promise();
    context.runOnContext(here -> step.get().onComplete(done));
    return done.future();
  }

  StoreState state() {
    return node.directory().serving(Kind.SESSION).get(0).store();
  }

  /** Until the instance has noticed that Redis is gone. */
  void awaitOutage() {
    await().until(() -> state() == StoreState.DEGRADED);
  }

  /** Until Redis is used again, as far as it has what it needs. */
  void awaitBack() {
    await().until(() -> !health.isDown());
  }

  /** Until Redis is back and has everything. */
  void awaitWhole() {
    await().until(() -> state() == StoreState.REDIS && !health.isDown());
  }

  double meter(String name) {
    var gauge = node.meters().find(name).gauge();
    return gauge != null ? gauge.value() : node.meters().find(name).counter().count();
  }

  @Override
  Duration lease() {
    return config.lease();
  }

  /** What Redis has of a session. */
  @Override
  List<StoredMessage> messages(String session) {
    List<StoredMessage> messages = new ArrayList<>();
    for (Response each : send(Command.LRANGE, key(session).messages(), 0, -1)) {
      messages.add(StoredMessage.decoded(each.toString()));
    }
    return messages;
  }

  @Override
  boolean exists(String session) {
    return send(Command.EXISTS, key(session).head()).toInteger() == 1;
  }

  @Override
  void pass(Duration time) {
    super.pass(time);
    get(vertx.timer(Math.max(1, time.toMillis())));
  }

  RedisKeys.OfSession key(String session) {
    return keys.of(Tenant.DEFAULT.name() + ":" + session);
  }

  Response send(Command command, Object... arguments) {
    Request request = Request.cmd(command);
    for (Object each : arguments) {
      request.arg(each.toString());
    }
    return get(link.send(request));
  }

  /** As kill -9 would: nothing is tidied up. */
  void crash() {
    get(journal.close());
    get(link.close());
    get(vertx.close());
  }

  @Override
  public void close() {
    get(link.close());
    get(journal.close());
    get(vertx.close());
  }
}
