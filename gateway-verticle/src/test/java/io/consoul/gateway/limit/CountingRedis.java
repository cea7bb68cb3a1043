package io.consoul.gateway.limit;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.consoul.config.ConfigReader;
import io.consoul.redis.RedisConfig;
import io.consoul.redis.RedisUse;
import io.consoul.testkit.RedisClusterServers;
import io.consoul.testkit.RedisServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A store in a real Redis, under a prefix of its own, and a look at what is in there. */
final class CountingRedis implements AutoCloseable {

  private static final String PREFIX = "limits:";

  final Vertx vertx = Vertx.vertx();
  final List<String> refusals = new CopyOnWriteArrayList<>();
  final RedisLimitStore store;
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final Context loop = vertx.getOrCreateContext();
  private final RedisServer redis;

  private CountingRedis(RedisServer redis, JsonObject section, boolean moving) {
    this.redis = redis;
    store = get(open(loop, section, moving));
  }

  static CountingRedis moving(RedisServer redis) {
    return new CountingRedis(redis, section(redis.url()), true);
  }

  static CountingRedis moving(RedisClusterServers cluster) {
    return new CountingRedis(
        cluster.masters().get(0), section(cluster.urls()).put("mode", "cluster"), true);
  }

  static CountingRedis fixed(RedisServer redis) {
    return new CountingRedis(redis, section(redis.url()), false);
  }

  /** Another instance of the gateway, on an event loop of its own. */
  RedisLimitStore another() {
    return get(open(vertx.getOrCreateContext(), section(redis.url()), true));
  }

  private static JsonObject section(String url) {
    return new JsonObject().put("url", url).put("commandTimeoutSeconds", 30);
  }

  private Future<RedisLimitStore> open(Context loop, JsonObject section, boolean moving) {
    RedisUse use = new RedisUse(
        "rate_limit",
        "keep rate limits",
        "the store of the rate limits",
        "CONSOUL_RATE_LIMIT_REDIS_URL",
        PREFIX);
    RedisConfig config =
        ConfigReader.read(section, json -> RedisConfig.from(json, use.urlVariable()));
    return Future.future(opened -> loop.runOnContext(here -> RedisLimitStore.open(
            vertx, config, use, moving, refusals::add, 1, new Random(), meters)
        .onComplete(opened)));
  }

  Verdict charge(String who, int cost, Window... windows) {
    return get(store.charge(who, List.of(windows), cost));
  }

  static String key(String who, WindowKind kind, Window window) {
    return new LimitKeys(PREFIX).of(who).key(kind, window);
  }

  /** Redis's clock, in microseconds. */
  long now() {
    List<?> time = (List<?>) redis.cli("TIME");
    return Long.parseLong(time.get(0).toString()) * 1_000_000
        + Long.parseLong(time.get(1).toString());
  }

  long number(String... command) {
    return Long.parseLong(cli(command));
  }

  String cli(String... command) {
    return String.valueOf(redis.cli(command));
  }

  /** @param count how often it is written */
  void charged(String key, long time, int count) {
    Stream<String> command =
        Stream.concat(Stream.of("RPUSH", key), Stream.generate(() -> "" + time).limit(count));
    redis.cli(command.toArray(String[]::new));
  }

  static <T> T get(Future<T> future) {
    try {
      return future.await(20, SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }

  @Override
  public void close() {
    get(Future.future(closed -> loop.runOnContext(here -> store.close().onComplete(closed))));
    get(vertx.close());
  }
}
