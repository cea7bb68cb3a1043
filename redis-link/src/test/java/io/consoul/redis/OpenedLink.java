package io.consoul.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.consoul.config.ConfigReader;
import io.consoul.fault.FaultException;
import io.micrometer.core.instrument.MeterRegistry;
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
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/** A link and its watch, as a node with one instance has them, and what the watch tells. */
final class OpenedLink implements AutoCloseable {

  /** Short, so that a test need not wait; the proportions are the real ones. */
  static final RedisPace BRISK = new RedisPace(
      Duration.ofMillis(500),
      Duration.ofMillis(600),
      Duration.ofMillis(300),
      Duration.ofSeconds(5));

  /** As brisk, but for the moment, which is long enough for a test on a busy machine to see it. */
  static final RedisPace STEADY = new RedisPace(
      BRISK.heartbeat(), BRISK.suspicion(), Duration.ofMillis(600), Duration.ofSeconds(5));

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
      vertx.close().await(5, SECONDS);
      throw failed;
    }
  }

  static OpenedLink to(String url) throws TimeoutException {
    return to(url, new JsonObject());
  }

  /** @param more of the section {@code redis} */
  static OpenedLink to(String url, JsonObject more) throws TimeoutException {
    return to(url, more, BRISK);
  }

  static OpenedLink to(String url, JsonObject more, RedisPace pace) throws TimeoutException {
    return to(url, more, pace, new SimpleMeterRegistry());
  }

  static OpenedLink to(String url, JsonObject more, RedisPace pace, MeterRegistry meters)
      throws TimeoutException {
    JsonObject redis = new JsonObject()
        .put("url", url)
        .put("commandTimeoutSeconds", 0.5)
        .put("connectTimeoutSeconds", 2);
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
    return reply.await(10, SECONDS).toString();
  }

  /** The failure of the catalogue that comes. */
  FaultException fault(Future<?> reply) {
    return catchThrowableOfType(FaultException.class, () -> reply.await(10, SECONDS));
  }

  boolean works() {
    try {
      probe("x").await(5, SECONDS);
      return true;
    } catch (TimeoutException | FaultException failed) {
      return false;
    }
  }

  @Override
  public void close() throws TimeoutException {
    link.close().await(5, SECONDS);
    vertx.close().await(5, SECONDS);
  }
}
