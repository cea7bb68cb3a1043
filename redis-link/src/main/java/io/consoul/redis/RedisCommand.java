package io.consoul.redis;

import io.consoul.trace.RequestContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.RequestImpl;
import java.util.List;
import java.util.function.Supplier;

/** One command on its way through a {@link RedisLink}, with all its attempts. */
final class RedisCommand {

  private static final int MAX_REDIRECTIONS = 5;

  private final Promise<Response> promise = RequestContext.promise();
  private final long deadline;
  private final boolean repeatable;
  private final RedisNode pinned;
  private Request request;
  private Supplier<Request> inFull;
  private RedisNode redirected;
  private RedisWire sentOn;
  private boolean asking;
  private boolean repeated;
  private int redirections;
  private boolean done;

  /**
   * @param inFull what to send where the server does not know the script, or null
   * @param repeatable whether it does no harm when it is carried out twice
   * @param pinned the server that it is for, or null for the one that has its keys
   * @param deadline by {@link System#nanoTime}
   */
  RedisCommand(
      Request request,
      Supplier<Request> inFull,
      boolean repeatable,
      RedisNode pinned,
      long deadline) {
    this.request = request;
    this.inFull = inFull;
    this.repeatable = repeatable;
    this.pinned = pinned;
    this.deadline = deadline;
  }

  Future<Response> future() {
    return promise.future();
  }

  Request request() {
    return request;
  }

  long deadline() {
    return deadline;
  }

  boolean isDone() {
    return done;
  }

  /** @return whether it was not done yet */
  boolean succeed(Response response) {
    boolean first = finish();
    if (first) {
      promise.complete(response);
    }
    return first;
  }

  boolean fail(Throwable failure) {
    boolean first = finish();
    if (first) {
      promise.fail(failure);
    }
    return first;
  }

  /** @return null where no server has its keys */
  RedisNode target(RedisMasters masters) {
    if (redirected != null) {
      return redirected;
    }
    if (pinned != null || masters.nodes().size() == 1) {
      return pinned != null ? pinned : masters.of(-1);
    }
    List<byte[]> keys = ((RequestImpl) request).keys();
    return masters.of(keys.isEmpty() ? -1 : RedisSlot.of(keys.get(0)));
  }

  /** Whether it asks a server for a slot that is just moving there. */
  boolean isAsking() {
    return asking;
  }

  /** @return whether the script is now to be sent in full */
  boolean spellOut() {
    if (inFull == null) {
      return false;
    }
    request = inFull.get();
    inFull = null;
    return true;
  }

  /** @return whether it is now to be sent there */
  boolean redirect(RedisRedirection other) {
    redirected = other.node();
    asking = !other.isForGood();
    return pinned == null && ++redirections <= MAX_REDIRECTIONS;
  }

  /** It goes to whoever should have its keys. */
  void startOver() {
    redirected = null;
    asking = false;
    redirections = 0;
  }

  /**
   * @param untouched whether it certainly was not carried out
   * @return whether it is now to be sent once more
   */
  boolean repeat(boolean untouched) {
    boolean again = !repeated && (untouched || repeatable);
    repeated = true;
    startOver();
    return again;
  }

  void sentOn(RedisWire wire) {
    sentOn = wire;
  }

  /** Nobody waits for it any more: its connection may be one that hangs. */
  void timedOut() {
    if (sentOn != null) {
      sentOn.timedOut();
    }
  }

  private boolean finish() {
    boolean first = !done;
    done = true;
    return first;
  }
}
