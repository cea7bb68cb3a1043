package io.consoul.redis;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Consumer;

/** Looks whether Redis works: now or in a while, one look after the other. Confined to one context. */
final class RedisLooks {

  private final Vertx vertx;
  private final RedisProbe probe;
  private final Runnable begins;
  private final Consumer<AsyncResult<RedisIdentity>> seen;
  private final Consumer<RedisChecks> answer;

  /** Of who waits for a look that has not begun yet. */
  private final RedisChecks checks = new RedisChecks();

  private boolean looking;
  private boolean again;
  private boolean closed;
  private long timer = -1;

  /**
   * @param begins called at the beginning of each look
   * @param seen told what came of it
   * @param answer afterwards given those who had asked before it began
   */
  RedisLooks(
      Vertx vertx,
      RedisProbe probe,
      Runnable begins,
      Consumer<AsyncResult<RedisIdentity>> seen,
      Consumer<RedisChecks> answer) {
    this.vertx = vertx;
    this.probe = probe;
    this.begins = begins;
    this.seen = seen;
    this.answer = answer;
  }

  /** Looks for somebody; what is under way now began too early for that. */
  Future<Void> ask() {
    Future<Void> checked = checks.add();
    now();
    return checked;
  }

  void now() {
    vertx.cancelTimer(timer);
    if (closed) {
      checks.take().complete();
    } else if (looking) {
      again = true;
    } else {
      look();
    }
  }

  /** The next one; one that was to come sooner or later does not. */
  void in(long millis) {
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(Math.max(1, millis), id -> now());
  }

  /** Those who have asked wait for the next look. */
  void keep(RedisChecks asked) {
    checks.addAll(asked);
  }

  /** Who waits for a look; none does any more. */
  RedisChecks asked() {
    return checks.take();
  }

  boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
    vertx.cancelTimer(timer);
    probe.disconnect();
  }

  private void look() {
    looking = true;
    begins.run();
    RedisChecks asked = checks.take();
    probe.run().onComplete(result -> {
      looking = false;
      if (closed) {
        asked.complete();
        checks.take().complete();
        return;
      }
      seen.accept(result);
      answer.accept(asked);
      if (again) {
        again = false;
        now();
      }
    });
  }
}
