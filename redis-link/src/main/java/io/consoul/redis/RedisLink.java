package io.consoul.redis;

import io.consoul.fault.Fault;
import io.consoul.trace.RequestContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.RequestImpl;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One instance's way to a Redis. Belongs to the event loop that opens it; may be used on others, which costs a hop.
 *
 * <p>Failures: E110 with Retry-After when Redis cannot be reached, is not done within the command time-out, or has as many
 * commands under way as it may; at once while it is known to be down. Whether a command that failed so was carried out is not
 * known. An error reply that is about the command itself comes as {@link ErrorType}.
 *
 * <p>A connection that is closed is replaced. What was under way on it is sent once more if it is a script, for scripts are
 * safe to repeat. A plain command is sent once more only if it certainly was not carried out.
 */
public final class RedisLink {

  private final Vertx vertx;
  private final ContextInternal context;
  private final RedisConfig config;
  private final RedisUse use;
  private final RedisWatch watch;
  private final RedisCourier courier;
  private final Runnable deaf;
  private boolean closed;

  private RedisLink(
      Vertx vertx, RedisConfig config, RedisUse use, int instances, RedisWatch watch) {
    this.vertx = vertx;
    context = (ContextInternal) vertx.getOrCreateContext();
    this.config = config;
    this.use = use;
    this.watch = watch;
    courier = new RedisCourier(
        vertx,
        config,
        use,
        watch,
        share(config.maxWaiting(), instances),
        share(config.maxConnections(), instances));
    deaf = watch.listen(new RedisWatch.Listener() {
      @Override
      public void wentDown() {
        courier.hangUp();
      }

      @Override
      public void cameBack(RedisWatch.Came came) {
        if (!came.sameServer()) {
          courier.forgetMasters();
        }
      }
    });
  }

  /**
   * Finds out whether Redis works, unless another instance has. Belongs to the event loop that calls.
   *
   * @param instances that share what the node may use of Redis
   * @return fails with {@link RedisUnreachable} where Redis does not work and nothing can stand in for it
   */
  public static Future<RedisLink> open(
      Vertx vertx,
      RedisConfig config,
      RedisUse use,
      int instances,
      RandomGenerator random,
      MeterRegistry meters) {
    return open(vertx, config, use, instances, random, RedisPace.of(config), meters);
  }

  /** With a patience of one's own. */
  public static Future<RedisLink> open(
      Vertx vertx,
      RedisConfig config,
      RedisUse use,
      int instances,
      RandomGenerator random,
      RedisPace pace,
      MeterRegistry meters) {
    return RedisWatches.join(vertx, config, use, random, pace, meters)
        .map(watch -> new RedisLink(vertx, config, use, instances, watch));
  }

  /** Whether Redis is there. */
  public RedisHealth health() {
    return watch;
  }

  /** Runs a script by its hash, and loads it where the server does not have it. */
  public Future<Response> run(RedisScript script, List<String> keys, List<String> arguments) {
    return submit(
        call(Command.EVALSHA, script.sha(), keys, arguments),
        () -> call(Command.EVAL, script.source(), keys, arguments),
        true,
        null);
  }

  public Future<Response> send(Request request) {
    return submit(request, null, false, null);
  }

  /** One step of a scan over the keys of all masters; a step does not take long, however many there are. */
  public Future<ScanPage> scan(ScanPage.Cursor from, String pattern, int count) {
    return courier
        .masters()
        .compose(
            known -> {
              List<RedisNode> nodes = known.nodes();
              if (from.server() >= nodes.size()) { // there are fewer than there were
                return Future.succeededFuture(new ScanPage(List.of(), null));
              }
              Request step = Request.cmd(Command.SCAN)
                  .arg(from.cursor())
                  .arg("MATCH")
                  .arg(pattern)
                  .arg("COUNT")
                  .arg(count);
              return submit(step, null, true, nodes.get(from.server()))
                  .map(answer -> ScanPage.of(answer, from, nodes.size()));
            },
            failure -> Future.failedFuture(watch.unavailable()));
  }

  /** How many connections are open. */
  int connections() {
    return courier.connections();
  }

  /** On the event loop that it belongs to. What is under way fails. */
  public Future<Void> close() {
    closed = true;
    deaf.run();
    courier.close();
    return RedisWatches.leave(vertx, config, use);
  }

  private Future<Response> submit(
      Request request, Supplier<Request> inFull, boolean repeatable, RedisNode pinned) {
    if (!context.inThread()) {
      Promise<Response> reply = RequestContext.promise();
      context.runOnContext(now -> submit(request, inFull, repeatable, pinned).onComplete(reply));
      return reply.future();
    }
    if (!((RequestImpl) request).valid()) {
      // The client would say so with the whole command, and that may hold what was said.
      return Future.failedFuture(new IllegalArgumentException("a command with too few arguments"));
    }
    if (watch.isDown() || closed) {
      return Future.failedFuture(watch.unavailable());
    }
    if (!courier.hasRoom()) {
      return Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
          1, use.store() + " has all it can do; try again in a moment"));
    }
    return courier.deliver(
        deadline -> new RedisCommand(request, inFull, repeatable, pinned, deadline));
  }

  private static int share(int all, int parts) {
    return Math.max(1, (all + parts - 1) / parts);
  }

  private static Request call(
      Command command, String script, List<String> keys, List<String> arguments) {
    Request request = Request.cmd(command).arg(script).arg(keys.size());
    keys.forEach(request::arg);
    arguments.forEach(request::arg);
    return request;
  }
}
