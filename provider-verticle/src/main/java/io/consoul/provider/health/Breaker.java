package io.consoul.provider.health;

import static io.vertx.circuitbreaker.CircuitBreakerState.CLOSED;
import static io.vertx.circuitbreaker.CircuitBreakerState.HALF_OPEN;
import static io.vertx.circuitbreaker.CircuitBreakerState.OPEN;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.vertx.circuitbreaker.CircuitBreakerState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * When calls to one provider are let through: failures in a row open it, after a while some probes are let in, enough of
 * them that succeed close it, one that fails opens it anew. What becomes of a call that was let in before a change says
 * nothing about the time after it and is ignored.
 *
 * <p>It becomes cautious when another node has found out that the provider fails: closed still, but one call goes first.
 *
 * <p>Safe from every thread. It knows no timer: time is looked at when somebody asks.
 */
final class Breaker {

  /**
   * It has changed.
   *
   * @param why in a few words, for the log
   * @param untilProbe of an open one, else zero
   */
  record Change(
      CircuitBreakerState from, CircuitBreakerState to, String why, Duration untilProbe) {}

  private static final Permit FREE = new Permit() {
    @Override
    public void succeeded() {}

    @Override
    public void failed() {}

    @Override
    public void released() {}
  };

  private final InstantSource clock;
  private final IntSupplier share;
  private final Consumer<Change> onChange;

  // All of it is guarded by this.
  private BreakerConfig config;
  private Duration callLimit;
  private CircuitBreakerState state = CLOSED;
  private int failures;
  private int successes;
  private Instant openedAt;
  private boolean probed;
  private boolean cautious;
  private Call first;
  private Set<Call> probes = new HashSet<>();

  /**
   * @param callLimit after which a call that never told how it fared no longer counts as under way
   * @param share of this node in the probes at a time; asked while the breaker is half-open
   * @param onChange called in the order of the changes, within the breaker: it must neither wait nor ask the breaker
   */
  Breaker(
      BreakerConfig config,
      Duration callLimit,
      InstantSource clock,
      IntSupplier share,
      Consumer<Change> onChange) {
    this.config = config;
    this.callLimit = callLimit;
    this.clock = clock;
    this.share = share;
    this.onChange = onChange;
  }

  /** From now on it goes by these; what it knows of the provider stays, unless it is switched off. */
  synchronized void change(BreakerConfig changed, Duration changedCallLimit) {
    config = changed;
    callLimit = changedCallLimit;
    if (config.enabled()) {
      return;
    }
    if (state == CLOSED) {
      forget(); // calls that are under way would open it all the same
    } else {
      close("breakers are switched off");
    }
  }

  /** @throws FaultException E206 or E207 when the call is not let through */
  synchronized Permit admit() {
    if (!config.enabled()) {
      return FREE;
    }
    Instant now = clock.instant();
    look(now);
    return switch (state) {
      case CLOSED -> cautious ? goFirst(now) : new Call(now);
      case HALF_OPEN -> probe(now);
      case OPEN ->
        throw Fault.CIRCUIT_BREAKER_OPEN.retryAfter(
            untilProbe(now), Fault.CIRCUIT_BREAKER_OPEN.text());
    };
  }

  /** As it is by now: looking at it makes an open one half-open when its time has come. */
  synchronized CircuitBreakerState state() {
    look(clock.instant());
    return state;
  }

  /** From now to the first probe of an open one; else zero. */
  synchronized Duration untilProbe() {
    return state == OPEN ? untilProbe(clock.instant()) : Duration.ZERO;
  }

  /** For the meter: 0 closed, 1 half-open, 2 open. A half-open one that nobody has asked yet shows as open. */
  synchronized int level() {
    return state == CLOSED ? 0 : state == HALF_OPEN && probed ? 1 : 2;
  }

  /** The breaker of another node has opened. */
  synchronized void anotherOpened() {
    if (config.enabled() && state == CLOSED) {
      cautious = true;
    }
  }

  /** The breaker of another node has closed: the provider is back, for that node at least. */
  synchronized void anotherClosed() {
    look(clock.instant());
    if (state == OPEN) {
      halfOpen("another node's has closed");
    } else if (state == HALF_OPEN) {
      close("another node's has closed");
      cautious = true;
    }
  }

  private void look(Instant now) {
    if (state != OPEN) {
      return;
    }
    if (now.isBefore(openedAt)) {
      openedAt = now; // the clock was put back
    }
    if (untilProbe(now).isZero()) {
      halfOpen("its time is over");
    }
  }

  private Duration untilProbe(Instant now) {
    Duration left = Duration.between(now, openedAt.plus(config.timeout()));
    return left.isNegative() ? Duration.ZERO : left;
  }

  private Call goFirst(Instant now) {
    if (first != null && !first.hasLapsed(now)) {
      throw halfOpenAndFull();
    }
    first = new Call(now);
    return first;
  }

  private Call probe(Instant now) {
    probes.removeIf(call -> call.hasLapsed(now));
    if (probes.size() >= share.getAsInt()) {
      throw halfOpenAndFull();
    }
    Call call = new Call(now);
    probes.add(call);
    probed = true;
    return call;
  }

  private static FaultException halfOpenAndFull() {
    return Fault.CIRCUIT_BREAKER_HALF_OPEN.retryAfter(1, Fault.CIRCUIT_BREAKER_HALF_OPEN.text());
  }

  private void open(String why) {
    openedAt = clock.instant();
    become(OPEN, why);
  }

  private void halfOpen(String why) {
    probed = false;
    become(HALF_OPEN, why);
  }

  private void close(String why) {
    become(CLOSED, why);
  }

  private void become(CircuitBreakerState next, String why) {
    CircuitBreakerState before = state;
    state = next;
    forget();
    onChange.accept(new Change(before, next, why, next == OPEN ? config.timeout() : Duration.ZERO));
  }

  /** What was found out so far, and what becomes of the calls under way, says nothing about the time from now on. */
  private void forget() {
    failures = 0;
    successes = 0;
    cautious = false;
    first = null;
    probes = new HashSet<>(); // a new one: it marks the calls that were let in since
  }

  /** One call that was let through. */
  private final class Call implements Permit {

    private final Set<Call> era = probes;
    private final Instant since;
    private boolean told;

    Call(Instant since) {
      this.since = since;
    }

    @Override
    public void answering() {
      synchronized (Breaker.this) {
        if (!told && first == this) {
          first = null;
          cautious = false;
        }
      }
    }

    @Override
    public void succeeded() {
      synchronized (Breaker.this) {
        boolean wasFirst = first == this;
        if (!counts()) {
          return;
        }
        if (state == CLOSED) {
          failures = 0;
          cautious &= !wasFirst;
        } else if (++successes >= config.successThreshold()) {
          close(successes + " probes have succeeded");
        }
      }
    }

    @Override
    public void failed() {
      synchronized (Breaker.this) {
        boolean wasFirst = first == this;
        if (!counts()) {
          return;
        }
        if (state == HALF_OPEN) {
          open("a probe has failed");
        } else if (wasFirst) {
          open("another node's is open, and a call has failed here too");
        } else if (++failures >= config.failureThreshold()) {
          open(failures + " failures in a row");
        }
      }
    }

    @Override
    public void released() {
      synchronized (Breaker.this) {
        counts();
      }
    }

    private boolean hasLapsed(Instant now) {
      return !now.isBefore(since.plus(callLimit));
    }

    /** Takes its word, the first one only; it is no longer under way. */
    private boolean counts() {
      if (told) {
        return false;
      }
      told = true;
      if (era != probes) {
        return false;
      }
      if (first == this) {
        first = null;
      }
      return probes.remove(this) || state == CLOSED;
    }
  }
}
