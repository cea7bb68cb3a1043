package io.consoul.launcher;

import io.consoul.config.ConfigReport;
import java.time.Duration;

/**
 * The signs of life that the verticles give each other: whoever waits for one must wait for two of its intervals, or a turn
 * that is well is given up.
 */
record Rhythm(Configuration configuration) {

  /** How often a gateway repeats its credits. */
  private static final Duration CREDITS = Duration.ofMillis(1_500);

  void check(ConfigReport report) {
    Duration alive = configuration.provider().pace().alive();
    Duration queued = configuration.session().queuedInterval();
    Duration lease = configuration.session().lease();
    atLeastTwice(
        report, "session.json: leaseSeconds", lease, "provider.json: stream.aliveMillis", alive);
    atLeastTwice(
        report,
        "gateway.json: stream.silenceSeconds",
        configuration.gateway().streams().silence(),
        "provider.json: stream.aliveMillis",
        alive);
    atLeastTwice(
        report,
        "gateway.json: stream.silenceSeconds",
        configuration.gateway().streams().silence(),
        "session.json: queuedIntervalMillis",
        queued);
    atLeastTwice(
        report,
        "provider.json: stream.listenerSilenceMillis",
        configuration.provider().pace().listenerSilence(),
        "the 1.5 s between two credits of a gateway",
        CREDITS);
    Duration silence = configuration.gateway().streams().silence();
    if (silence.multipliedBy(2).compareTo(lease) < 0) {
      // A gateway looks for a lost turn for three silences: by then the lease must be over and the
      // turn settled.
      report.addProblem(
          "gateway.json: stream.silenceSeconds must be at least half of session.json: leaseSeconds, got "
              + text(silence) + " and " + text(lease));
    }
    if (configuration.session().acknowledgement().compareTo(lease) >= 0) {
      report.addProblem(
          "session.json: acknowledgementMillis must be shorter than leaseSeconds, got "
              + text(configuration.session().acknowledgement()) + " and " + text(lease));
    }
  }

  private static void atLeastTwice(
      ConfigReport report, String patience, Duration waited, String sign, Duration interval) {
    if (waited.compareTo(interval.multipliedBy(2)) < 0) {
      report.addProblem(patience + " must be at least twice " + sign + ", got " + text(waited)
          + " and " + text(interval));
    }
  }

  private static String text(Duration duration) {
    return duration.toMillis() / 1_000.0 + " s";
  }
}
