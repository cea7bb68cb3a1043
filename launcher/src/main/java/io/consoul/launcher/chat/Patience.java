package io.consoul.launcher.chat;

import java.time.Duration;

/**
 * How a lost connection is sought again.
 *
 * @param first pause before an attempt; each is twice as long as the last
 * @param longest pause
 * @param limit of all attempts since something came from the server
 * @param silence after which the server is asked for a sign of life, and after as much again taken for gone
 */
record Patience(Duration first, Duration longest, Duration limit, Duration silence) {

  static final Patience USUAL = new Patience(
      Duration.ofMillis(250), Duration.ofSeconds(5), Duration.ofMinutes(2), Duration.ofSeconds(30));
}
