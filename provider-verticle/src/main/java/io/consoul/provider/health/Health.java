package io.consoul.provider.health;

import io.consoul.fault.FaultException;
import io.vertx.circuitbreaker.CircuitBreakerState;
import java.time.Duration;

/**
 * What this JVM knows of how one provider fares: its breaker, how long it wants to be left alone, and how many retries it may be
 * burdened with. Shared by all instances of the provider verticle; safe from every thread.
 */
public interface Health {

  /**
   * Asks the breaker for a call.
   *
   * @throws FaultException E206 with the seconds until the next probe, or E207 while all probes are under way
   */
  Permit admit();

  /** Of the breaker on this node; closed, too, where one call goes first because another node has trouble. */
  CircuitBreakerState state();

  /** How long this model wants to be left alone; zero when it does not. */
  Duration holdOf(String model);

  /**
   * It has just said so to this node; the others are told. A shorter hold does not end a longer one, and neither does a
   * call that succeeds meanwhile. At most a day.
   */
  void hold(String model, Duration time);

  /** A call goes out that is no retry. */
  void asked();

  /** Takes one retry from the budget. */
  boolean mayRetry();
}
