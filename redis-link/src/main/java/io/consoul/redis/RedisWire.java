package io.consoul.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/**
 * One connection to one server; commands go out without waiting for the answers of those before. It has a client of its own,
 * for a client's pool would hand out a connection again that is closed because it hangs. Confined to one event loop.
 */
final class RedisWire {

  private static final int MAX_TIME_OUTS = 3;

  private final Redis client;
  private final RedisConnection connection;
  private final RedisNode node;
  private Runnable listener = () -> {};

  /** Nobody's, unless it is one of those that are counted. */
  private RedisTraffic traffic = new RedisTraffic();

  private int underWay;
  private int timeOuts;
  private boolean open = true;

  RedisWire(Redis client, RedisConnection connection, RedisNode node) {
    this.client = client;
    this.connection = connection;
    this.node = node;
    connection.endHandler(end -> ended());
    connection.exceptionHandler(failure -> ended());
  }

  RedisNode node() {
    return node;
  }

  boolean isOpen() {
    return open;
  }

  /** Commands without an answer so far, also those that nobody waits for any more. */
  int underWay() {
    return underWay;
  }

  /** @param ended called once, when the connection is closed by whomever */
  void onEnd(Runnable ended) {
    listener = ended;
  }

  /** From now on it is one of these. */
  void countIn(RedisTraffic counted) {
    traffic = counted;
    traffic.opened();
    if (underWay > 0) {
      traffic.taken();
    }
  }

  Future<Response> send(Request request) {
    if (underWay++ == 0) {
      traffic.taken();
    }
    return connection.send(request).onComplete(done -> {
      if (--underWay == 0) {
        traffic.free();
      }
      timeOuts = 0;
    });
  }

  /** For a slot that is moving here. */
  Future<Response> sendAsking(Request request) {
    connection.send(Request.cmd(Command.ASKING));
    return send(request);
  }

  /** A command was given up; a connection on which that happens several times in a row is closed. */
  void timedOut() {
    timeOuts++;
    if (timeOuts >= MAX_TIME_OUTS) {
      close();
    }
  }

  /** What is under way fails as closed. */
  void close() {
    ended();
  }

  private void ended() {
    if (open) {
      open = false;
      traffic.closed();
      client.close();
      listener.run();
    }
  }
}
