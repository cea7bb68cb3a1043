package io.consoul.provider.health;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.BreakerChanged;
import io.consoul.message.ProviderHeld;
import io.vertx.circuitbreaker.CircuitBreakerState;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one provider fares, as this node knows it and hears it from the others; what it finds out it tells them. Safe from
 * every thread.
 */
final class ProviderHealth implements Health {

  /** How often a node says again that its breaker is not closed: events may be lost, and nodes join late. */
  static final Duration REPEAT = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(ProviderHealth.class);

  private final String provider;
  private final Surroundings surroundings;
  private final OtherBreakers others;
  private final Breaker breaker;
  private final BreakerMeters meters;
  private final Holds holds;
  private final RetryBudget budget;
  private volatile BreakerConfig config;
  private volatile boolean asked;
  private volatile boolean silent;
  private volatile boolean closed;

  /** @param callLimit the longest that a call to it may take */
  ProviderHealth(
      String provider,
      BreakerConfig config,
      RetryConfig retry,
      Duration callLimit,
      Surroundings surroundings) {
    this.provider = provider;
    this.config = config;
    this.surroundings = surroundings;
    others = new OtherBreakers(surroundings.node(), surroundings.clock(), surroundings.isThere());
    breaker = new Breaker(
        config,
        callLimit,
        surroundings.clock(),
        () -> others.shareOf(this.config.halfOpenMaxCalls()),
        this::changed);
    meters = new BreakerMeters(surroundings.meters(), provider, breaker);
    holds = new Holds(surroundings.clock());
    budget = new RetryBudget(retry, surroundings.clock());
  }

  /** It goes by these from now on; what it knows stays. */
  void change(BreakerConfig changed, RetryConfig retry, Duration callLimit) {
    config = changed;
    breaker.change(changed, callLimit);
    budget.change(retry);
  }

  @Override
  public Permit admit() {
    asked = true;
    if (silent && !closed) {
      tell();
    }
    try {
      return breaker.admit();
    } catch (FaultException refused) {
      meters.rejected();
      throw refused.fault().retryAfter(refused.retryAfter(), refusal(refused.fault()));
    }
  }

  private String refusal(Fault fault) {
    return "the provider " + provider
        + (fault == Fault.CIRCUIT_BREAKER_OPEN
            ? " failed repeatedly and is left alone for a while"
            : " is being tried out after failures");
  }

  @Override
  public CircuitBreakerState state() {
    return breaker.state();
  }

  @Override
  public Duration holdOf(String model) {
    return holds.of(model);
  }

  @Override
  public void hold(String model, Duration time) {
    boolean begins = holds.of(model).isZero();
    if (holds.add(model, time) && !closed) {
      if (begins) { // else it only goes on
        log.info(
            "provider {} wants to be left alone with {} for {} ms",
            provider,
            model,
            holds.of(model).toMillis());
      }
      surroundings
          .holds()
          .accept(new ProviderHeld(
              provider, model, surroundings.node(), holds.of(model).toMillis()));
    }
  }

  @Override
  public void asked() {
    budget.asked();
  }

  @Override
  public boolean mayRetry() {
    return budget.take();
  }

  /** Another node tells how its breaker is, or repeats it. */
  void heard(BreakerChanged word) {
    boolean news = others.heard(word);
    if (word.state() == BreakerChanged.State.CLOSED) {
      breaker.anotherClosed();
    } else if (news) {
      breaker.anotherOpened();
    }
  }

  /** Another node was told to wait. */
  void heard(ProviderHeld word) {
    holds.add(word.model(), Duration.ofMillis(word.millis()));
  }

  /**
   * To be called every {@link #REPEAT}. A half-open breaker that nobody asks is not repeated: its part of the probes goes
   * to nodes that have calls to try it with.
   */
  void tick() {
    others.forgetTheSilent();
    CircuitBreakerState state = breaker.state();
    boolean idle = state == CircuitBreakerState.HALF_OPEN && !asked;
    asked = false;
    if (state == CircuitBreakerState.CLOSED) {
      silent = false;
    } else if (idle) {
      silent = true;
    } else {
      tell();
    }
  }

  /** It serves on for the calls that have it, and says and shows nothing of what becomes of them. */
  void close() {
    closed = true;
    meters.close();
  }

  private void tell() {
    silent = false;
    tell(breaker.state(), breaker.untilProbe());
  }

  private void tell(CircuitBreakerState state, Duration untilProbe) {
    surroundings
        .breakers()
        .accept(new BreakerChanged(
            provider,
            BreakerChanged.State.valueOf(state.name()),
            surroundings.node(),
            untilProbe.toMillis()));
  }

  private void changed(Breaker.Change change) {
    if (closed) {
      return;
    }
    silent = false;
    if (change.to() == CircuitBreakerState.OPEN) {
      meters.tripped();
      log.warn(
          "breaker of {}: {} -> open for {} ms, {}",
          provider,
          word(change.from()),
          config.timeout().toMillis(),
          change.why());
    } else {
      log.info(
          "breaker of {}: {} -> {}, {}",
          provider,
          word(change.from()),
          word(change.to()),
          change.why());
    }
    tell(change.to(), change.untilProbe());
  }

  private static String word(CircuitBreakerState state) {
    return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
