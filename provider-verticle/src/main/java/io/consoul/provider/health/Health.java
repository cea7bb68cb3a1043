package io.consoul.provider.health;

import io.consoul.fault.FaultException;
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

  /** How long this model wants to be left alone; zero when it does not. */
  Duration holdOf(String model);

  /** It has said so, here or to another node; a shorter hold does not end a longer one. */
  void hold(String model, Duration time);

  /** A call goes out that is no retry. */
  void asked();

  /** Takes one retry from the budget. */
  boolean mayRetry();
}
