package io.consoul.redis;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.atomic.AtomicBoolean;
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
  private final RedisNews news;
  private final RedisLooks looks;
  private final RedisTraffic traffic = new RedisTraffic();
  private final RedisMeters meters;
  private final AtomicBoolean alarmed = new AtomicBoolean();
  private volatile State state = State.UP;

  // The rest belongs to the context.
  private RedisIdentity known;
  private RedisTrouble trouble;
  private int failures;
  private int goodProbes;
  private long since;

  /** Begins with {@link #start}. */
  RedisWatch(
      Vertx vertx,
      RedisConfig config,
      RedisUse use,
      RandomGenerator random,
      RedisPace pace,
      MeterRegistry registry) {
    this.vertx = vertx;
    // No verticle's: its timers and connections would end with that one.
    this.context = ((VertxInternal) vertx).createEventLoopContext();
    this.config = config;
    this.use = use;
    this.pace = pace;
    meters = new RedisMeters(registry, use, traffic, config.maxConnections());
    news = new RedisNews(vertx, config);
    patience = new RedisPatience(config.fallback(), pace, random);
    probe = new RedisProbe(config, use, random, new RedisDialer(vertx, config, 64, use));
    looks = new RedisLooks(vertx, probe, () -> alarmed.set(false), this::seen, this::answer);
  }

  /** @return fails with {@link RedisUnreachable} where Redis does not work and nothing can stand in for it */
  Future<RedisWatch> start() {
    return onContext(() -> probe.run().transform(this::started));
  }

  State state() {
    return state;
  }

  /** What those who use this Redis have open to it. */
  RedisTraffic traffic() {
    return traffic;
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
    return onContext(looks::ask);
  }

  @Override
  public FaultException unavailable() {
    return Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
        retryAfterSeconds(), use.store() + " cannot be reached; try again in a moment");
  }

  @Override
  public Runnable listen(Listener listener) {
    return news.listen(listener);
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
      context.runOnContext(now -> looks.now());
    }
  }

  Future<Void> close() {
    meters.close();
    return onContext(() -> {
      looks.close();
      return Future.succeededFuture();
    });
  }

  private Future<RedisWatch> started(AsyncResult<RedisIdentity> first) {
    if (first.succeeded()) {
      known = first.result();
      looks.in(pace.heartbeat().toMillis());
      return Future.succeededFuture(this);
    }
    trouble = RedisTrouble.in(first.cause()).orElse(RedisTrouble.OTHER);
    if (!config.fallback().enabled() || trouble == RedisTrouble.TOO_OLD) {
      looks.close();
      return Future.failedFuture(new RedisUnreachable(use.advice(config.addresses(), trouble)));
    }
    goDown();
    return Future.succeededFuture(this);
  }

  private void seen(AsyncResult<RedisIdentity> result) {
    if (result.succeeded()) {
      worked(result.result());
    } else {
      trouble = RedisTrouble.in(result.cause()).orElse(RedisTrouble.OTHER);
      didNotWork();
    }
  }

  /** One that was cut says nothing yet: whoever asked would take a Redis that was replaced for the one it was. */
  private void answer(RedisChecks asked) {
    switch (state) {
      case UP -> asked.complete();
      case SUSPECT -> looks.keep(asked);
      case DOWN, PROBING -> asked.fail(this::unavailable);
    }
  }

  private void worked(RedisIdentity identity) {
    long now = System.nanoTime();
    switch (state) {
      case UP, SUSPECT -> {
        state = State.UP;
        looks.in(pace.heartbeat().toMillis());
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
        looks.in(patience.moment().toMillis() / (GOOD_PROBES - 1));
      }
      case PROBING -> {
        goodProbes++;
        if (goodProbes >= GOOD_PROBES && now - since >= patience.moment().toNanos()) {
          comeBack(identity);
        } else {
          looks.in(patience.moment().toMillis() / (GOOD_PROBES - 1));
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
          looks.in(RETRY_MILLIS * failures);
        }
      }
      case DOWN, PROBING -> {
        failures++;
        state = State.DOWN;
        looks.in(patience.pauseMillis());
      }
    }
  }

  private void suspect(RedisTrouble what) {
    if (state != State.UP || looks.isClosed()) {
      return;
    }
    log.debug("Redis {}; trying it out", what.text());
    state = State.SUSPECT;
    trouble = what;
    failures = 0;
    since = System.nanoTime();
    long suspected = since;
    vertx.setTimer(pace.suspicion().toMillis(), id -> {
      if (state == State.SUSPECT && since == suspected && !looks.isClosed()) {
        goDown();
      }
    });
    probe.disconnect();
    looks.now();
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
    looks.in(patience.pauseMillis());
    news.wentDown();
    answer(looks.asked());
  }

  private void comeBack(RedisIdentity identity) {
    log.info(
        "Redis at {} works again after {} s: {} is used",
        config.addresses(),
        patience.back().toSeconds(),
        use.store());
    alarmed.set(false);
    state = State.UP;
    looks.in(pace.heartbeat().toMillis());
    tellBack(identity);
  }

  private void tellBack(RedisIdentity identity) {
    RedisIdentity before = known;
    known = identity;
    news.cameBack(before, identity);
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
