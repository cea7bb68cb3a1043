package io.consoul.session;

import io.consoul.message.SessionRequest;
import io.consoul.redis.RedisLink;
import io.consoul.redis.ScanPage;
import io.consoul.testkit.RedisClusterServers;
import io.consoul.testkit.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A store in a real Redis, under a prefix of its own. Nobody can move Redis's clock: a moment that is to pass is waited for; where
 * it is longer, all that ends at some time is set back instead. So leases and times to live can be longer than a busy machine
 * may stand still.
 */
final class RedisFixture extends StoreFixture {

  /** What an instance was told by others. */
  record Told(String inbox, SessionRequest message) {}

  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofSeconds(5);

  final List<Told> told = new CopyOnWriteArrayList<>();
  final SessionsAtHand atHand;
  final RedisLink link;
  final RedisKeys keys;
  final RedisIndex index;
  private final SessionConfig config;
  private final Vertx vertx;
  private final Context context;
  private final MergeTarget merge;
  private final JsonObject json;

  RedisFixture(RedisServer redis, JsonObject config) {
    this(redis, config, "instance");
  }

  /** @param inbox of the instance */
  RedisFixture(RedisServer redis, JsonObject config, String inbox) {
    this(withDefaults(new JsonObject().put("url", redis.url()), config), inbox, new Random());
  }

  RedisFixture(RedisClusterServers cluster, JsonObject config) {
    this(withDefaults(section(cluster), config), "instance", new Random());
  }

  private RedisFixture(JsonObject json, String inbox, Random random) {
    super(random);
    this.json = json;
    config = SessionConfig.from(json);
    vertx = Vertx.vertx();
    context = vertx.getOrCreateContext();
    keys = new RedisKeys(config.keyPrefix());
    link = get(Future.future(opened -> context.runOnContext(ready -> RedisLink.open(
            vertx, config.redis(), config.redisUse(), 1, new Random(), new SimpleMeterRegistry())
        .onComplete(opened))));
    atHand = new SessionsAtHand(config.cacheSizePerInstance());
    RedisSteps steps = new RedisSteps(link, keys);
    SessionCopies copies = new SessionCopies(config, this::now, atHand);
    index = new RedisIndex(vertx, link, keys);
    RedisTidings tidings = new RedisTidings(
        inbox, index, (to, message) -> told.add(new Told(to, message)), changes::add);
    RedisSettlement settlement = new RedisSettlement(config, this::now, steps, copies, tidings);
    RedisStore turns = new RedisStore(
        config,
        this::now,
        random,
        steps,
        copies,
        tidings,
        settlement,
        new RedisSweep(link, keys, config.ttl(), settlement, changes::add));
    store = Confined.to(context, SessionStore.class, turns);
    RedisCatalog sessions = new RedisCatalog(
        link, keys, settlement, copies, index, tidings, config.ttl(), this::now, random);
    catalog = Confined.to(context, SessionCatalog.class, sessions);
    merge = Confined.to(
        context, MergeTarget.class, new RedisMerge(config, steps, index, turns, sessions, random));
  }

  /** What was acknowledged elsewhere is merged here. */
  MergeTarget merge() {
    return merge;
  }

  /** Another instance on the same keys, with a clock of its own. */
  RedisFixture another(String inbox) {
    return new RedisFixture(json, inbox, new Random());
  }

  @Override
  Duration lease() {
    return config.lease();
  }

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
  void indexed() {
    get(Future.future(written -> context.runOnContext(now -> index.flush().onComplete(written))));
  }

  @Override
  void pass(Duration time) {
    if (time.compareTo(MOMENT) <= 0) {
      super.pass(time);
      get(vertx.timer(Math.max(1, time.toMillis())));
      return;
    }
    indexed();
    passForLeases(time);
    for (String key : sessionKeys()) {
      if (key.endsWith("}")) { // a head
        setBack(key, "expires", time);
      }
      long left = send(Command.PTTL, key).toLong();
      if (left >= 0) {
        send(Command.PEXPIRE, key, left - time.toMillis());
      }
    }
    for (String set : List.of(keys.index(), keys.running())) {
      for (Response member : send(Command.ZRANGE, set, 0, -1)) {
        send(Command.ZINCRBY, set, -time.toMillis(), member);
      }
    }
  }

  @Override
  void passForLeases(Duration time) {
    super.pass(time);
    for (String key : sessionKeys()) {
      if (key.equals(new RedisKeys.OfSession(key.replaceAll(":l$", "")).lease())) {
        setBack(key, "until", time);
        setBack(key, "batch_until", time);
      }
    }
  }

  private Set<String> sessionKeys() {
    Set<String> all = new HashSet<>();
    for (ScanPage.Cursor next = ScanPage.Cursor.START; next != null; ) {
      ScanPage page = get(link.scan(next, keys.pattern(), 1_000));
      all.addAll(page.keys());
      next = page.next();
    }
    return all;
  }

  private void setBack(String key, String field, Duration time) {
    Response until = send(Command.HGET, key, field);
    if (until != null && !until.toString().isEmpty()) {
      send(Command.HINCRBY, key, field, -time.toMillis());
    }
  }

  RedisKeys.OfSession key(String session) {
    return keys.of("default:" + session);
  }

  Response send(Command command, Object... arguments) {
    Request request = Request.cmd(command);
    for (Object each : arguments) {
      request.arg(each.toString());
    }
    return get(link.send(request));
  }

  @Override
  public void close() {
    get(link.close());
    get(vertx.close());
  }

  /** What session.json says of a cluster. */
  static JsonObject section(RedisClusterServers cluster) {
    return new JsonObject().put("url", cluster.urls()).put("mode", "cluster");
  }

  private static JsonObject withDefaults(JsonObject redis, JsonObject config) {
    return new JsonObject()
        .put("leaseSeconds", LEASE.toSeconds())
        .put("keyPrefix", "test:" + UUID.randomUUID() + ":")
        .mergeIn(config)
        .put("instances", 1)
        .put("redis", patient(redis));
  }

  /** A busy machine may stand still for longer than a command may take. */
  static JsonObject patient(JsonObject redis) {
    return redis.copy().put("connectTimeoutSeconds", 20).put("commandTimeoutSeconds", 20);
  }
}
