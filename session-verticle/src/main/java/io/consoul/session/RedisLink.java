package io.consoul.session;

import io.consoul.fault.Fault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One instance's way to the Redis that keeps the sessions. Confined to the instance's event loop.
 *
 * <p>Failures: E110 with Retry-After when Redis cannot be reached, is not done within the command time-out, or has as many
 * commands waiting as it may. Whether a command that failed so was carried out is not known.
 */
final class RedisLink {

  private final RedisConfig config;
  private final Redis redis;
  private RedisConnection connection;

  private RedisLink(RedisConfig config, Redis redis) {
    this.config = config;
    this.redis = redis;
  }

  /** @param instances that share what the node may use of Redis */
  static Future<RedisLink> open(Vertx vertx, RedisConfig config, int instances) {
    RedisOptions options = new RedisOptions();
    config.urls().forEach(url -> options.addConnectionString(url.reveal()));
    RedisLink link = new RedisLink(config, Redis.createClient(vertx, options));
    return link.redis.connect().map(connection -> {
      link.connection = connection;
      return link;
    });
  }

  /** Runs a script by its hash, and loads it where the server does not have it. */
  Future<Response> run(RedisScript script, List<String> keys, List<String> arguments) {
    return send(call(Command.EVALSHA, script.sha(), keys, arguments))
        .recover(failure -> failure instanceof ErrorType error && error.is("NOSCRIPT")
            ? send(call(Command.EVAL, script.source(), keys, arguments))
            : Future.failedFuture(failure));
  }

  Future<Response> send(Request request) {
    return connection
        .send(request)
        .timeout(config.commandTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .recover(failure -> failure instanceof ErrorType
            ? Future.failedFuture(failure)
            : Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
                1, "the store of the sessions cannot be reached; try again in a moment")));
  }

  Future<Void> close() {
    redis.close();
    return Future.succeededFuture();
  }

  private static Request call(
      Command command, String script, List<String> keys, List<String> arguments) {
    Request request = Request.cmd(command).arg(script).arg(keys.size());
    keys.forEach(request::arg);
    arguments.forEach(request::arg);
    return request;
  }
}
