package io.consoul.gc;

import io.consoul.message.Bus;
import java.time.Duration;

/**
 * How long a collection is waited for.
 *
 * @param caller after which one hears that the run goes on: nobody waits longer for any reply on the bus
 * @param instance within which a session instance has to take a step
 */
record Patience(Duration caller, Duration instance) {

  static final Patience USUAL = new Patience(Duration.ofSeconds(2), Bus.ACKNOWLEDGEMENT);
}
