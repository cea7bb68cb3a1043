package io.consoul.redis;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Is Redis there? One for all instances of a JVM that have the same use for it, which tell it what fails; it tries Redis out with a script and
 * connections of its own, and tells them. What goes down counts as back only after it has worked several times in a row over
 * a moment, which doubles when it soon goes down again.
 *
 * <p>May be asked on any thread; listeners run on the contexts on which they were added.
 */
final class RedisWatch implements RedisHealth {

  private static final Logger log = LoggerFactory.getLogger(RedisWatch.class);

  /** How Redis is known to do. */
  enum State {
    UP,
    /** Something failed a moment ago; it is tried out, and used meanwhile. */
    SUSPECT,
    /** It is not used. */
    DOWN,
    /** It works again, but has not for long: it is not used. */
    PROBING
  }

  private record Hearer(Context context, Listener listener) {
    void tell(Consumer<Listener> news) {
      context.runOnContext(now -> news.accept(listener));
    }
  }

  private static final int MAX_FAILURES = 3;
  private static final int GOOD_PROBES = 5;
  private static final long RETRY_MILLIS = 200;

  private final Vertx vertx;
  private final Context context;
  private final RedisConfig config;
  private final RedisProbe probe;
  private final RedisPatience patience;
  private final RedisUse use;
  private final RedisPace pace;
  private final List<Hearer> hearers = new CopyOnWriteArrayList<>();
  private final AtomicBoolean alarmed = new AtomicBoolean();
  private volatile State state = State.UP;

  // The rest belongs to the context.
  private RedisIdentity known;
  private RedisTrouble trouble;
  /** Who waits for a look that has not begun yet. */
  private final List<Promise<Void>> checks = new ArrayList<>();

  private boolean looking;
  private boolean lookAgain;
  private boolean closed;
  private int failures;
  private int goodProbes;
  private long since;
  private long timer = -1;

  /** Begins with {@link #start}. */
  RedisWatch(
      Vertx vertx, RedisConfig config, RedisUse use, RandomGenerator random, RedisPace pace) {
    this.vertx = vertx;
    // No verticle's: its timers and connections would end with that one.
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.config = config;
    this.use = use;
    this.pace = pace;
    patience = new RedisPatience(config.fallback(), pace, random);
    probe = new RedisProbe(config, use, random, new RedisDialer(vertx, config, 64));
  }

  /** @return fails with {@link RedisUnreachable} where Redis does not work and nothing can stand in for it */
  Future<RedisWatch> start() {
    return onContext(() -> probe.run().transform(this::started));
  }

  State state() {
    return state;
  }

  @Override
  public boolean isDown() {
    State now = state;
    return now == State.DOWN || now == State.PROBING;
  }

  /** Whole seconds after which another try makes sense, at least 1. */
  int retryAfterSeconds() {
    return isDown() ? patience.retryAfterSeconds() : 1;
  }

  @Override
  public boolean isSuspect() {
    return state == State.SUSPECT;
  }

  @Override
  public Future<Void> check() {
    return onContext(() -> {
      Promise<Void> checked = Promise.promise();
      checks.add(checked);
      look();
      return checked.future();
    });
  }

  @Override
  public FaultException unavailable() {
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        retryAfterSeconds(), use.store() + " cannot be reached; try again in a moment");
  }

  @Override
  public Runnable listen(Listener listener) {
    Hearer hearer = new Hearer(vertx.getOrCreateContext(), listener);
    hearers.add(hearer);
    return () -> hearers.remove(hearer);
  }

  /** A command was not answered in time, or a server could not be connected to. */
  void failed(RedisTrouble what) {
    if (state == State.UP && alarmed.compareAndSet(false, true)) {
      context.runOnContext(now -> suspect(what));
    }
  }

  /** A connection was closed: perhaps an idle one, perhaps because its server is not the one it was. */
  void lost() {
    if (state == State.UP && alarmed.compareAndSet(false, true)) {
      context.runOnContext(now -> look());
    }
  }

  Future<Void> close() {
    return onContext(() -> {
      closed = true;
      vertx.cancelTimer(timer);
      probe.disconnect();
      return Future.succeededFuture();
    });
  }

  private Future<RedisWatch> started(AsyncResult<RedisIdentity> first) {
    if (first.succeeded()) {
      known = first.result();
      lookIn(pace.heartbeat().toMillis());
      return Future.succeededFuture(this);
    }
    trouble = RedisTrouble.in(first.cause()).orElse(RedisTrouble.OTHER);
    if (!config.fallback().enabled() || trouble == RedisTrouble.TOO_OLD) {
      closed = true;
      return Future.failedFuture(new RedisUnreachable(advice()));
    }
    goDown();
    return Future.succeededFuture(this);
  }

  private String advice() {
    return "Cannot " + use.purpose() + ": Redis at " + config.addresses() + " " + trouble.text()
        + ". To go on, "
        + trouble.advice() + ", or set " + use.urlVariable() + " right"
        + (trouble == RedisTrouble.TOO_OLD
            ? "."
            : ", or set CONSOUL_REDIS_FALLBACK_ENABLED=true to start without it.");
  }

  private void look() {
    vertx.cancelTimer(timer);
    if (closed) {
      answerChecks();
      return;
    }
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    alarmed.set(false);
    List<Promise<Void>> asked = List.copyOf(checks);
    checks.clear();
    probe.run().onComplete(result -> {
      looking = false;
      if (closed) {
        asked.forEach(Promise::complete);
        answerChecks();
        return;
      }
      if (result.succeeded()) {
        worked(result.result());
      } else {
        trouble = RedisTrouble.in(result.cause()).orElse(RedisTrouble.OTHER);
        didNotWork();
      }
      answer(asked);
      if (lookAgain) {
        lookAgain = false;
        look();
      }
    });
  }

  /** One that was cut says nothing yet: whoever asked would take a Redis that was replaced for the one it was. */
  private void answer(List<Promise<Void>> asked) {
    switch (state) {
      case UP -> asked.forEach(Promise::complete);
      case SUSPECT -> checks.addAll(asked);
      case DOWN, PROBING -> asked.forEach(check -> check.fail(unavailable()));
    }
  }

  private void answerChecks() {
    checks.forEach(Promise::complete);
    checks.clear();
  }

  private void lookIn(long millis) {
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(Math.max(1, millis), id -> look());
  }

  private void worked(RedisIdentity identity) {
    long now = System.nanoTime();
    switch (state) {
      case UP, SUSPECT -> {
        state = State.UP;
        lookIn(pace.heartbeat().toMillis());
        if (!identity.equals(known)) {
          tellBack(identity);
        }
      }
      case DOWN -> {
        log.debug(
            "Redis answers again; it must work for {} before it counts as back", patience.moment());
        state = State.PROBING;
        since = now;
        goodProbes = 1;
        lookIn(patience.moment().toMillis() / (GOOD_PROBES - 1));
      }
      case PROBING -> {
        goodProbes++;
        if (goodProbes >= GOOD_PROBES && now - since >= patience.moment().toNanos()) {
          comeBack(identity);
        } else {
          lookIn(patience.moment().toMillis() / (GOOD_PROBES - 1));
        }
      }
    }
  }

  private void didNotWork() {
    switch (state) {
      case UP -> {
        suspect(trouble);
        failures = 1;
      }
      case SUSPECT -> {
        failures++;
        if (failures >= MAX_FAILURES) {
          goDown();
        } else {
          lookIn(RETRY_MILLIS * failures);
        }
      }
      case DOWN, PROBING -> {
        failures++;
        state = State.DOWN;
        lookIn(patience.pauseMillis());
      }
    }
  }

  private void suspect(RedisTrouble what) {
    if (state != State.UP || closed) {
      return;
    }
    log.debug("Redis {}; trying it out", what.text());
    state = State.SUSPECT;
    trouble = what;
    failures = 0;
    since = System.nanoTime();
    long suspected = since;
    vertx.setTimer(pace.suspicion().toMillis(), id -> {
      if (state == State.SUSPECT && since == suspected && !closed) {
        goDown();
      }
    });
    probe.disconnect();
    look();
  }

  private void goDown() {
    patience.down();
    failures = 0;
    state = State.DOWN;
    log.warn(
        "Redis at {} {}; {} is not used until it has worked again for {} ms",
        config.addresses(),
        trouble.text(),
        use.store(),
        patience.moment().toMillis());
    lookIn(patience.pauseMillis());
    hearers.forEach(hearer -> hearer.tell(Listener::wentDown));
    List<Promise<Void>> unanswered = List.copyOf(checks);
    checks.clear();
    answer(unanswered);
  }

  private void comeBack(RedisIdentity identity) {
    log.info(
        "Redis at {} works again after {} s: {} is used",
        config.addresses(),
        patience.back().toSeconds(),
        use.store());
    alarmed.set(false);
    state = State.UP;
    lookIn(pace.heartbeat().toMillis());
    tellBack(identity);
  }

  private void tellBack(RedisIdentity identity) {
    Came came =
        new Came(identity.equals(known), known == null || identity.epoch().equals(known.epoch()));
    boolean first = known == null;
    known = identity;
    if (!first && !came.sameServer()) {
      log.warn(
          "Redis at {} {}",
          config.addresses(),
          came.sameData()
              ? "was restarted or is another server than before; its last writes may be lost"
              : "does not have the data that it had");
    }
    hearers.forEach(hearer -> hearer.tell(listener -> listener.cameBack(came)));
  }

  /** @return completes on the context that calls */
  private <T> Future<T> onContext(Supplier<Future<T>> action) {
    Context caller = vertx.getOrCreateContext();
    Promise<T> done = Promise.promise();
    context.runOnContext(
        now -> action.get().onComplete(result -> caller.runOnContext(back -> done.handle(result))));
    return done.future();
  }
}
