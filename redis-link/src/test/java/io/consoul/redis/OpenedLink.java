package io.consoul.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.config.ConfigReader;
import io.consoul.fault.FaultException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A link and its watch, as a node with one instance has them, and what the watch tells. */
final class OpenedLink implements AutoCloseable {

  /**
   * Looks often and comes back soon, so that a test need not wait; but nothing goes down or is given up because the machine
   * is busy.
   */
  static final RedisPace CALM = new RedisPace(
      Duration.ofMillis(500),
      Duration.ofSeconds(20),
      Duration.ofMillis(300),
      Duration.ofSeconds(5));

  /** For a Redis that hangs: it is given up soon. */
  static final RedisPace BRISK =
      new RedisPace(CALM.heartbeat(), Duration.ofMillis(600), CALM.moment(), CALM.maxMoment());

  /** As calm, but for the moment, which is long enough for a test on a busy machine to see it. */
  static final RedisPace STEADY =
      new RedisPace(CALM.heartbeat(), CALM.suspicion(), Duration.ofMillis(1_500), CALM.maxMoment());

  /** Its commands are given up soon, too. */
  static final JsonObject IMPATIENT =
      new JsonObject().put("commandTimeoutSeconds", 0.5).put("connectTimeoutSeconds", 2);

  private static final RedisUse USE =
      new RedisUse("texts", "keep texts", "the store of the texts", "TEXTS_REDIS_URL", "texts:");

  final Vertx vertx = Vertx.vertx();

  /** The link's. */
  final Context loop;

  final RedisWatch watch;
  final RedisLink link;

  /** {@code down}, or what came back. */
  final List<Object> news = Collections.synchronizedList(new ArrayList<>());

  private OpenedLink(JsonObject redis, RedisPace pace, MeterRegistry meters)
      throws TimeoutException {
    RedisConfig config =
        ConfigReader.read(redis, json -> RedisConfig.from(json, USE.urlVariable()));
    try {
      loop = vertx.getOrCreateContext();
      link = Future.<RedisLink>future(promise -> loop.runOnContext(
              now -> RedisLink.open(vertx, config, USE, 1, new Random(), pace, meters)
                  .onComplete(promise)))
          .await(20, SECONDS);
      watch = (RedisWatch) link.health();
      loop.runOnContext(now -> watch.listen(new RedisHealth.Listener() {
        @Override
        public void wentDown() {
          news.add("down");
        }

        @Override
        public void cameBack(RedisHealth.Came came) {
          news.add(came);
        }
      }));
    } catch (Throwable failed) {
      vertx.close().await(20, SECONDS);
      throw failed;
    }
  }

  static OpenedLink to(String url) throws TimeoutException {
    return to(url, new JsonObject());
  }

  /** @param more of the section {@code redis} */
  static OpenedLink to(String url, JsonObject more) throws TimeoutException {
    return to(url, more, CALM);
  }

  static OpenedLink to(String url, JsonObject more, RedisPace pace) throws TimeoutException {
    return to(url, more, pace, new SimpleMeterRegistry());
  }

  static OpenedLink to(String url, JsonObject more, RedisPace pace, MeterRegistry meters)
      throws TimeoutException {
    JsonObject redis = new JsonObject()
        .put("url", url)
        .put("commandTimeoutSeconds", 20)
        .put("connectTimeoutSeconds", 10);
    return new OpenedLink(redis.mergeIn(more), pace, meters);
  }

  /** A script that writes and reads. */
  Future<Response> probe(String text) {
    return link.run(RedisProbe.SCRIPT, List.of("{probe}"), List.of(text));
  }

  Future<Response> send(Command command, String... arguments) {
    Request request = Request.cmd(command);
    for (String argument : arguments) {
      request.arg(argument);
    }
    return link.send(request);
  }

  String answer(Future<Response> reply) throws TimeoutException {
    return reply.await(30, SECONDS).toString();
  }

  /** The failure of the catalogue that comes. */
  FaultException fault(Future<?> reply) {
    return catchThrowableOfType(FaultException.class, () -> reply.await(30, SECONDS));
  }

  /** Whether all of them fail before the limit; it is timed by the event loop that gives them up. */
  boolean isGivenUpWithin(Duration limit, Supplier<List<Future<Response>>> commands)
      throws TimeoutException {
    Promise<Boolean> result = Promise.promise();
    loop.runOnContext(now -> {
      vertx.setTimer(limit.toMillis(), id -> result.tryComplete(false));
      Future.join(commands.get()).onComplete(done -> result.tryComplete(done.failed()));
    });
    return result.future().await(30, SECONDS);
  }

  boolean works() {
    try {
      probe("x").await(30, SECONDS);
      return true;
    } catch (TimeoutException | FaultException failed) {
      return false;
    }
  }

  @Override
  public void close() throws TimeoutException {
    link.close().await(20, SECONDS);
    vertx.close().await(20, SECONDS);
  }
}
